import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Health } from "../../src/inference/health.ts";
import { CHAIN_MS } from "../../src/inference/limits.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { KEY } from "../support/faults/fault.ts";
import { type InferenceDouble, startInference } from "../support/inference.ts";
import { silence, startRawEndpoint } from "../support/raw-endpoint.ts";
import { askChain, bundleOf, envOf, instantClock } from "./setup.ts";

let primary: InferenceDouble;
let second: InferenceDouble;
let third: InferenceDouble;
beforeAll(async () => {
  [primary, second, third] = await Promise.all([startInference(), startInference(), startInference()]);
});
afterAll(() => Promise.all([primary.stop(), second.stop(), third.stop()]));
beforeEach(() => {
  for (const endpoint of [primary, second, third]) {
    endpoint.clear();
    endpoint.answer(({ model }) => `from ${model}`);
  }
});

const env = envOf({ OWNER_KEY: KEY, SECOND_KEY: "second-key", THIRD_KEY: "third-key" });
const bundles = () => [
  bundleOf(primary.url, { model: "one" }),
  bundleOf(second.url, { model: "two", api_key: "${SECOND_KEY}", api_mode: "anthropic_messages" }),
  bundleOf(third.url, { model: "three", api_key: "${THIRD_KEY}", api_mode: "responses" }),
];
const calls = () => [primary, second, third].map((endpoint) => endpoint.requests().length);

describe("a chain of endpoints", () => {
  test("asks nobody but the first while that answers", async () => {
    expect(await askChain(bundles(), { env })).toMatchObject({
      ok: true,
      value: { text: "from one", index: 0, bundle: { model: "one" }, attempts: [{ outcome: "answered" }] },
    });
    expect(calls()).toEqual([1, 0, 0]);
  });

  test.each([
    { status: 401, reason: "unauthorized", tries: 1 },
    { status: 402, reason: "payment_required", tries: 1 },
    { status: 403, reason: "unauthorized", tries: 1 },
    { status: 404, reason: "no_endpoint", tries: 1 },
    { status: 308, reason: "redirected", tries: 1 },
    { status: 429, reason: "rate_limited", tries: 3 },
    { status: 500, reason: "unavailable", tries: 3 },
  ])("goes on to the next after $status ($tries tries), with its own model and key", async (fault) => {
    primary.failNext(3, fault.status);

    const result = await askChain(bundles(), { env });

    expect(result).toMatchObject({
      ok: true,
      value: {
        text: "from two",
        index: 1,
        bundle: { model: "two" },
        attempts: [
          { index: 0, model: "one", outcome: fault.reason, status: fault.status, tries: fault.tries },
          { index: 1, model: "two", outcome: "answered", tries: 1 },
        ],
      },
    });
    expect(calls()).toEqual([fault.tries, 1, 0]);
    expect(primary.requests().map(({ key, model }) => [key, model])).toEqual(
      Array(fault.tries).fill([KEY, "one"]),
    );
    expect(second.requests().map(({ key, model }) => [key, model])).toEqual([["second-key", "two"]]);
    expect(JSON.stringify(result.ok && result.value.attempts)).not.toContain(KEY);
  });

  test("goes on after an answer that cannot be read, a cut one, an empty one", async () => {
    primary.chaos({ malformedRate: 1 });
    second.cutNext(3, 3);
    expect(await askChain(bundles(), { env })).toMatchObject({
      value: { text: "from three", attempts: [{ outcome: "malformed" }, { outcome: "cut" }, {}] },
    });
    primary.chaos(null);
    primary.answer("");
    expect(await askChain(bundles(), { env })).toMatchObject({
      value: { text: "from two", attempts: [{ outcome: "empty" }, {}] },
    });
  });

  test("goes on after a timeout", async () => {
    const silent = await startRawEndpoint();
    silent.script(silence);
    const first = bundleOf(silent.url, { timeouts: { first_token_ms: 50 } });
    expect(await askChain([first, ...bundles()], { env })).toMatchObject({
      value: { text: "from one", index: 1, attempts: [{ outcome: "timeout", tries: 1 }, {}] },
    });
    await silent.stop();
  });

  test("goes on at once where a secret is missing, and sends nothing there", async () => {
    const result = await askChain(bundles(), { env: envOf({ SECOND_KEY: "second-key" }) });
    expect(result).toMatchObject({
      value: {
        text: "from two",
        attempts: [{ outcome: "missing_secret", detail: "not set: OWNER_KEY", tries: 0 }, {}],
      },
    });
    expect(calls()).toEqual([0, 1, 0]);
  });

  test.each([
    { what: "a request that the endpoint rejects", status: 400, reason: "rejected" },
    { what: "a conversation that is too long", status: 413, reason: "too_long" },
  ])("does not go on after $what: it would be rejected again", async ({ status, reason }) => {
    primary.failNext(1, status);
    expect(await askChain(bundles(), { env })).toMatchObject({ ok: false, error: { reason } });
    expect(calls()).toEqual([1, 0, 0]);
  });

  test("does not go on when the caller gave up", async () => {
    expect(await askChain(bundles(), { env, signal: AbortSignal.abort() })).toMatchObject({
      ok: false,
      error: { reason: "aborted" },
    });
    expect(calls()).toEqual([0, 0, 0]);
  });

  test("takes back what was shown of an answer that broke off, before another endpoint's text", async () => {
    const shown: string[] = [];
    const live = (text: string) => void shown.push(text);
    primary.answer("a first answer");
    primary.cutNext(3, 3);
    expect(await askChain(bundles(), { env, live })).toMatchObject({ value: { text: "from two" } });
    expect(shown.at(-1)).toBe("from two");
    const begun = shown.filter((text) => "a first answer".startsWith(text) && text !== "");
    expect(begun.length).toBeGreaterThan(1);
    // Once before the second try, once before the second endpoint.
    expect(shown.filter((text) => text === "")).toHaveLength(2);
    expect(shown.lastIndexOf("")).toBeGreaterThan(shown.lastIndexOf(begun.at(-1) ?? ""));
  });

  test("begins with the first again in the next turn", async () => {
    const memory = new Health();
    primary.failNext(1, 401);
    await askChain(bundles(), { env }, memory);
    expect(await askChain(bundles(), { env }, memory)).toMatchObject({ value: { text: "from one" } });
  });

  test("that fails whole tells of every attempt, and the user of what will pass", async () => {
    primary.failNext(3, 429);
    second.failNext(1, 401);
    expect(await askChain(bundles().slice(0, 2), { env })).toMatchObject({
      ok: false,
      error: {
        reason: "rate_limited",
        attempts: [
          { outcome: "rate_limited", tries: 3 },
          { outcome: "unauthorized", tries: 1 },
        ],
      },
    });
  });

  test("names hosts as the routes file does, never what a secret resolved to", async () => {
    const bundle = bundleOf("${PRIVATE_URL}");
    const result = await askChain([bundle], { env: envOf({ OWNER_KEY: KEY, PRIVATE_URL: primary.url }) });
    expect(result).toMatchObject({ value: { attempts: [{ host: "${PRIVATE_URL}" }] } });
    expect(await askChain(bundles(), { env })).toMatchObject({
      value: { attempts: [{ host: new URL(primary.url).host }] },
    });
  });

  test("is over in time for Discord, whatever the bundles' own limits add up to", async () => {
    let passed = 0;
    const clock = { ...instantClock(), now: () => Date.now() + passed };
    const silent = await startRawEndpoint();
    silent.script(silence);
    primary.answer(() => {
      passed = CHAIN_MS - 200;
      return "";
    });
    const [first, next] = bundles();
    if (first === undefined || next === undefined) throw new Error("no bundles");
    const chain = [first, { ...next, base_url: silent.url }, next];

    expect(await askChain(chain, { env }, new Health(), clock)).toMatchObject({
      ok: false,
      error: { attempts: [{ outcome: "empty" }, { outcome: "timeout" }] },
    });

    expect(calls()).toEqual([1, 0, 0]);
    await silent.stop();
  });
});

describe("an endpoint that fails several times in a row", () => {
  const turn = (memory: Health, now: number) =>
    askChain(bundles(), { env }, memory, { ...instantClock(), now: () => now });

  test("is tried last for half a minute, then first again", async () => {
    const memory = new Health();
    primary.failNext(9, 503);
    for (let i = 0; i < 3; i++) await turn(memory, 1_000);
    expect(calls()).toEqual([9, 3, 0]);

    expect(await turn(memory, 20_000)).toMatchObject({
      value: { text: "from two", index: 1, attempts: [{ index: 1, outcome: "answered" }] },
    });
    expect(calls()).toEqual([9, 4, 0]);

    expect(await turn(memory, 31_001)).toMatchObject({ value: { text: "from one" } });
  });

  test.each([500, 429])("is so only for whoever has the same key (%i)", async (code) => {
    const memory = new Health();
    const variables = envOf({ OWNER_KEY: KEY, STRANGER_KEY: "stranger-key", SECOND_KEY: "second-key" });
    const [first, next] = bundles();
    if (first === undefined || next === undefined) throw new Error("no bundles");
    const stranger = [{ ...first, api_key: "${STRANGER_KEY}" }, next];
    const of = (chain: Bundle[]) => askChain(chain, { env: variables }, memory);
    primary.failNext(9, code);
    for (let i = 0; i < 3; i++) expect(await of(stranger)).toMatchObject({ value: { index: 1 } });
    expect(await of([first, next])).toMatchObject({ value: { text: "from one", index: 0 } });
    expect(await of(stranger)).toMatchObject({ value: { index: 1, attempts: [{ index: 1 }] } });
  });

  test("is still tried when it is the only one, or all others fail", async () => {
    const memory = new Health();
    primary.failNext(9, 503);
    for (let i = 0; i < 3; i++) await askChain(bundles().slice(0, 1), { env }, memory);
    expect(await askChain(bundles().slice(0, 1), { env }, memory)).toMatchObject({
      value: { text: "from one" },
    });
  });
});
