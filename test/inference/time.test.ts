import { getEventListeners } from "node:events";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { infer } from "../../src/inference/infer.ts";
import { systemClock } from "../../src/lib/time.ts";
import { good } from "../support/faults/fault.ts";
import { type RawEndpoint, silence, startRawEndpoint } from "../support/raw-endpoint.ts";
import { ask, bundleOf, instantClock, requestOf } from "./setup.ts";

let endpoint: RawEndpoint;
beforeAll(async () => {
  endpoint = await startRawEndpoint();
});
afterAll(() => endpoint.stop());

describe("time limits", () => {
  test("let an answer run on as long as something comes", async () => {
    endpoint.script(async (exchange) => {
      exchange.stream();
      for (const word of ["one ", "two ", "three ", "four"]) {
        exchange.chunk({ content: word });
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      exchange.chunk({}, "stop").end();
    });
    const timeouts = { first_token_ms: 150, idle_ms: 150, total_ms: 5_000 };
    expect(await ask(bundleOf(endpoint.url, { timeouts }))).toMatchObject({
      ok: true,
      value: { text: "one two three four" },
    });
  });

  test("end an answer that comes steadily but never ends", async () => {
    endpoint.script((exchange) => {
      exchange.stream();
      const dripping = setInterval(() => exchange.chunk({ content: "and " }), 10);
      void exchange.closed.then(() => clearInterval(dripping));
    });
    const timeouts = { first_token_ms: 1_000, idle_ms: 1_000, total_ms: 200 };
    expect(await ask(bundleOf(endpoint.url, { timeouts }))).toMatchObject({
      ok: false,
      error: { reason: "timeout", partial: true, detail: "no whole answer within the total time limit" },
    });
  });

  test("count reasoning as output: a model that thinks long is at work", async () => {
    endpoint.script(async (exchange) => {
      exchange.stream();
      for (let i = 0; i < 4; i++) {
        exchange.chunk({ reasoning_content: "hm" });
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      exchange.chunk({ content: "Done." }).chunk({}, "stop").end();
    });
    const timeouts = { first_token_ms: 150, idle_ms: 150, total_ms: 5_000 };
    expect(await ask(bundleOf(endpoint.url, { timeouts }))).toMatchObject({ value: { text: "Done." } });
  });

  test("bound all tries and waits together", async () => {
    endpoint.script(({ head }) => head(503, { "retry-after": "5" }).end());
    const asked = endpoint.requests.length;
    const bundle = bundleOf(endpoint.url, { timeouts: { total_ms: 1_000 } });
    expect(await ask(bundle)).toMatchObject({ ok: false, error: { reason: "unavailable", tries: 1 } });
    expect(endpoint.requests.length - asked).toBe(1);
  });

  test("do not count a wait that the endpoint asked for as its silence", async () => {
    endpoint.script(
      ({ head }) => head(429, { "retry-after-ms": "120" }).end(),
      ({ stream }) => stream().chunk({ content: "Done." }).chunk({}, "stop").end(),
    );
    const bundle = bundleOf(endpoint.url, { timeouts: { first_token_ms: 80 } });
    expect(await infer({ ...requestOf(), bundle }, undefined, systemClock)).toMatchObject({
      ok: true,
      value: { text: "Done.", tries: 2 },
    });
  });

  test("take the date that an endpoint asks to wait until by the call's own clock", async () => {
    const clock = { ...instantClock(), now: () => Date.parse("2030-01-01T12:00:00Z") };
    endpoint.script(({ head }) => head(503, { "retry-after": "Tue, 01 Jan 2030 12:00:07 GMT" }).end(), good);
    expect(await ask(bundleOf(endpoint.url), {}, clock)).toMatchObject({ ok: true, value: { tries: 2 } });
    expect(clock.waits).toEqual([7_000]);
  });

  test("do not wait for an error body that does not come", async () => {
    endpoint.script(({ head }) => head(401, { "content-type": "application/json" }));
    const timeouts = { first_token_ms: 10_000 };
    expect(await ask(bundleOf(endpoint.url, { timeouts }))).toMatchObject({
      error: { reason: "unauthorized", status: 401 },
    });
  });
});

describe("a call that is over", () => {
  test("leaves no timer and no listener behind", async () => {
    vi.useFakeTimers();
    const { signal } = new AbortController();
    await ask(bundleOf(null, { provider: "echo", api_key: null }), { signal });
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    vi.useRealTimers();
  });
});

describe("a caller that gives up", () => {
  test("ends a running answer at once, and the endpoint notices", async () => {
    const stop = new AbortController();
    const held = endpoint.hold((exchange) => exchange.stream().chunk({ content: "The word" }));
    const asked = endpoint.requests.length;
    const live = () => stop.abort();

    const result = await ask(bundleOf(endpoint.url), { signal: stop.signal, live });

    expect(result).toMatchObject({ ok: false, error: { reason: "aborted", partial: true } });
    await (await held.started).closed;
    held.release();
    expect(endpoint.requests.length - asked).toBe(1);
  });

  test("ends a request that has no answer yet", async () => {
    const stop = new AbortController();
    const held = endpoint.hold(silence);
    const result = ask(bundleOf(endpoint.url), { signal: stop.signal });
    const exchange = await held.started;
    stop.abort();
    expect(await result).toMatchObject({ error: { reason: "aborted", partial: false } });
    await exchange.closed;
    held.release();
  });

  test("ends the wait before a retry", async () => {
    const stop = new AbortController();
    endpoint.script(({ head }) => {
      head(429, { "retry-after": "15" }).end();
      setTimeout(() => stop.abort(), 20);
    });
    const started = Date.now();
    const request = { ...requestOf({ signal: stop.signal }), bundle: bundleOf(endpoint.url) };
    expect(await infer(request, undefined, systemClock)).toMatchObject({
      error: { reason: "aborted", tries: 1 },
    });
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  test("that gave up before is not served at all", async () => {
    const asked = endpoint.requests.length;
    const signal = AbortSignal.abort();
    expect(await ask(bundleOf(endpoint.url), { signal })).toMatchObject({
      error: { reason: "aborted", tries: 0 },
    });
    expect(endpoint.requests.length - asked).toBe(0);
  });
});

describe("text that is shown while it is written", () => {
  test("is taken back before another try's replaces it", async () => {
    endpoint.script(
      (exchange) => exchange.stream().chunk({ content: "The first" }).cut(),
      (exchange) => exchange.stream().chunk({ content: "The second." }).chunk({}, "stop").end(),
    );
    const shown: string[] = [];
    const live = (text: string) => void shown.push(text);
    expect(await ask(bundleOf(endpoint.url), { live })).toMatchObject({
      ok: true,
      value: { text: "The second.", tries: 2 },
    });
    expect(shown).toEqual(["The first", "", "The second."]);
  });

  test("stays where it is when nothing comes after it: the error is the caller's to show", async () => {
    endpoint.script((exchange) => exchange.stream().chunk({ content: "The first" }).cut());
    const shown: string[] = [];
    const live = (text: string) => void shown.push(text);
    expect(await ask(bundleOf(endpoint.url), { live })).toMatchObject({
      error: { reason: "cut", partial: true },
    });
    expect(shown).toEqual(["The first", "", "The first"]);
  });
});
