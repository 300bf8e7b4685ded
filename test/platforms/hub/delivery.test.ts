import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Address } from "../../../src/message/message.ts";
import { delivery } from "../../../src/platforms/hub/delivery.ts";
import type { Chunk } from "../../../src/platforms/platform.ts";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";
import { naiveTime } from "../../../tools/doubles/hub-store.ts";
import { serve } from "../../../tools/lib/serve.ts";
import { envWith } from "./setup.ts";

let hub: HubDouble;
beforeEach(async () => {
  hub = await startHub();
  await hub.register("talaria");
  await hub.register("argus");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await hub.stop();
});

const sendChunk = (
  chunk: Partial<Chunk>,
  address: Address = { peer: "argus" },
  changes: Record<string, string> = {},
) =>
  delivery.send(
    { index: 0, count: 1, text: "hello", ...chunk },
    address,
    "key.0",
    envWith({ ...hub.env("talaria"), ...changes }),
  );
const send = (text: string, address = { peer: "argus" }, changes: Record<string, string> = {}) =>
  sendChunk({ text }, address, changes);
/** The next try, as a session makes it when it does not know what became of the one before. */
const sendAgain = (text = "hello", age_ms = 2_000) =>
  sendChunk({ text, uncertain: true, first_tried_at: Date.now() - age_ms });
const toArgus = () => hub.messagesTo("argus").map(({ message }) => message);

describe("what is sent", () => {
  test("an answer reaches the peer's inbox under the gateway's name", async () => {
    const result = await send("It is **done**.");
    const [message] = hub.messagesTo("argus");
    expect(message).toMatchObject({ from: "talaria", message: "It is **done**." });
    expect(result).toEqual({ kind: "sent", message_id: message?.id });
  });

  test("a peer whose callback fails has the message all the same, once", async () => {
    await hub.register("deaf", { callback_url: `${hub.url}/nowhere` });
    expect(await send("hello", { peer: "deaf" })).toMatchObject({ kind: "sent" });
    expect(hub.messagesTo("deaf")).toHaveLength(1);
  });

  test("an answer is one message, however long models write; a longer one is cut without losing words", () => {
    const long = "A sentence of some words. ".repeat(1_900).trim();
    expect(delivery.split(long)).toEqual([long]);
    const longer = "A sentence of some words. ".repeat(3_000).trim();
    const parts = delivery.split(longer);
    expect(parts).toHaveLength(2);
    expect(parts.map((part) => part.trim()).join(" ")).toBe(longer);
  });
});

describe("what is not sent", () => {
  test.each([
    ["NO_REPLY", null],
    ["  NO_REPLY\n", null],
    ["Thanks, all done.\n\nNO_REPLY", "Thanks, all done."],
    ["Thanks. NO_REPLY", "Thanks."],
    [
      "NO_REPLY is what I say when I have nothing to add.",
      "NO_REPLY is what I say when I have nothing to add.",
    ],
    ["Set MY_NO_REPLY", "Set MY_NO_REPLY"],
    ["Operation interrupted: waiting for model response", null],
    ["API call failed after 3 retries: 502", null],
    ["", null],
    ["A plain answer.", "A plain answer."],
  ])("of %j: %j remains", (answer, rest) => {
    expect(delivery.prepare?.(answer)).toBe(rest);
  });

  test("no error reaches a peer, and no peer runs commands", () => {
    expect(delivery.tells_errors).toBe(false);
    expect(delivery.takes_commands).toBe(false);
    expect(delivery.working).toBeUndefined();
  });
});

describe("what goes wrong", () => {
  test.each([502, 503, 500])(
    "Hub answers %i before the message is on its way: nothing sent, again later",
    async (status) => {
      hub.failNext(1, status);
      expect(await send("hello")).toMatchObject({ kind: "retry" });
      expect(toArgus()).toEqual([]);
      expect(await send("hello")).toMatchObject({ kind: "sent" });
      expect(toArgus()).toEqual(["hello"]);
    },
  );

  test("nothing listens: nothing sent, again later, and no URL in what is logged", async () => {
    const gone = await serve(async () => {});
    await gone.close();
    const result = await send("hello", { peer: "argus" }, { HUB_BASE_URL: gone.url });
    expect(result).toEqual({ kind: "retry", after_ms: 2_000, detail: "Hub was not reached: unreachable" });
  });

  test("while Hub is away the pauses grow with the time, and nothing is given up", async () => {
    const pauses: (number | undefined)[] = [];
    for (const minutes of [0, 1, 10, 60, 600]) {
      hub.failNext(1, 502);
      const result = await sendChunk({ first_tried_at: Date.now() - minutes * 60_000 });
      pauses.push(result.kind === "retry" ? result.after_ms : undefined);
    }
    expect(pauses.map((ms) => Math.round((ms ?? 0) / 1_000))).toEqual([2, 30, 300, 600, 600]);
  });

  test("a request that the runtime did not send did not happen", async () => {
    const fetched = globalThis.fetch;
    vi.spyOn(globalThis, "fetch").mockImplementation((url, init) => {
      if (init?.method === "POST")
        return Promise.reject(new Error("Too many subrequests by single Worker invocation."));
      return fetched(url, init);
    });
    const result = await send("hello");
    expect(result).toEqual({ kind: "not_sent", detail: "this invocation's requests are used up" });
  });

  test("an address that may not be called gets nothing", async () => {
    const fetched = vi.spyOn(globalThis, "fetch");
    const insecure = { HUB_BASE_URL: "http://hub.example" };
    expect(await send("hello", { peer: "argus" }, insecure)).toMatchObject({ kind: "failed" });
    expect(fetched).not.toHaveBeenCalled();
  });

  test("Hub wants a pause", async () => {
    hub.failNext(1, 429, { only: /^POST/ });
    expect(await send("hello")).toMatchObject({ kind: "retry" });
    expect(toArgus()).toEqual([]);
  });

  test.each([400, 401, 403, 404])("status %i is final", async (status) => {
    hub.failNext(1, status, { only: /^POST/ });
    expect(await send("hello")).toMatchObject({ kind: "failed" });
  });

  test("a wrong secret is final, and not told to anybody", async () => {
    const result = await send("hello", { peer: "argus" }, { HUB_AGENT_SECRET: "wrong-secret" });
    expect(result).toMatchObject({ kind: "failed" });
    expect(JSON.stringify(result)).not.toContain("wrong-secret");
  });

  test("an unregistered peer gets nothing", async () => {
    expect(await send("hello", { peer: "nobody" })).toMatchObject({ kind: "failed" });
    expect(hub.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/message"))).toEqual(
      [],
    );
  });

  test("a peer that is a path reaches no other path", async () => {
    const asked = hub.requests.length;
    expect(await send("hello", { peer: "../agents/argus" })).toMatchObject({ kind: "failed" });
    expect(hub.requests).toHaveLength(asked);
  });
});

describe("a message of which nobody knows whether it arrived", () => {
  test.each([500, 502])("after a %i is looked for, and not sent twice", async (status) => {
    hub.failNext(1, status, { processed: true, only: /^POST .*\/message$/ });
    expect(await send("hello")).toMatchObject({ kind: "retry", uncertain: true });
    expect(await sendAgain()).toEqual({ kind: "sent", message_id: null });
    expect(toArgus()).toEqual(["hello"]);
  });

  test.each([500, 502])("after a %i is sent, where it is not found", async (status) => {
    hub.failNext(1, status, { only: /^POST .*\/message$/ });
    expect(await send("hello")).toMatchObject({ kind: "retry", uncertain: true });
    expect(toArgus()).toEqual([]);
    expect(await sendAgain()).toMatchObject({ kind: "sent" });
    expect(toArgus()).toEqual(["hello"]);
  });

  test("because the object ended while Hub held it, is not sent twice", async () => {
    await send("hello");
    expect(await sendAgain()).toEqual({ kind: "sent", message_id: null });
    expect(toArgus()).toEqual(["hello"]);
  });

  test("is not taken for what was said before, or by another, or to another", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
    await send("hello");
    vi.useRealTimers();
    await hub.register("brisk");
    await send("hello", { peer: "brisk" });
    await hub.send({ from: "argus", to: "talaria", message: "hello" });
    await hub.send({ from: "somebody", to: "argus", message: "hello" });
    await send("hello!");
    expect(await sendAgain()).toMatchObject({ kind: "sent", message_id: expect.any(String) });
    expect(hub.sentBy("talaria").map(({ message }) => message)).toEqual([
      "hello",
      "hello",
      "hello!",
      "hello",
    ]);
  });

  test("is looked for since the question came, where nobody knows when it was tried", async () => {
    await send("hello");
    const ask = (asked_at: number) => sendChunk({ uncertain: true }, { peer: "argus", asked_at });
    expect(await ask(Date.now() - 3_000)).toEqual({ kind: "sent", message_id: null });
    expect(await ask(Date.now() + 3_000)).toMatchObject({ kind: "sent", message_id: expect.any(String) });
    expect(toArgus()).toEqual(["hello", "hello"]);
  });

  test("is found among many newer and older ones", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
    for (let i = 0; i < 50; i++) hub.put("argus", { from: "talaria", message: "x".repeat(400_000) });
    vi.useRealTimers();
    await send("hello");
    for (let i = 0; i < 5; i++) hub.put("argus", { from: "talaria", message: `${i}` });
    expect(await sendAgain()).toEqual({ kind: "sent", message_id: null });
  });

  test("is not looked for among what is older than it, however much there is", async () => {
    const line = (age_ms: number) =>
      `${JSON.stringify({ from: "talaria", message: "hello", timestamp: naiveTime(Date.now() - age_ms) })},`;
    const other = await serve(async (request, response) => {
      if (request.method === "POST") return void response.end('{"message_id":"m"}');
      response.write('{"messages":[');
      for (let age_ms = 3_600_000; !response.destroyed; age_ms += 1_000) {
        await new Promise((resolve) => response.write(line(age_ms), resolve));
      }
    });
    const tried = { uncertain: true, first_tried_at: Date.now() } as const;
    const result = await sendChunk(tried, { peer: "argus" }, { HUB_BASE_URL: other.url });
    expect(result).toEqual({ kind: "sent", message_id: "m" });
    await other.close();
  });

  test.each([500, 502, 429])("waits while Hub answers %i and cannot tell", async (status) => {
    hub.failNext(1, status, { only: /^GET \/public/ });
    expect(await sendAgain()).toMatchObject({ kind: "retry", uncertain: true });
    expect(toArgus()).toEqual([]);
  });

  test("is given up where Hub tells nobody what it stored", async () => {
    hub.failNext(1, 404, { only: /^GET \/public/ });
    expect(await sendAgain()).toMatchObject({ kind: "failed" });
    expect(toArgus()).toEqual([]);
  });

  test("with half a character in it is sent with a whole one, which Hub can store", async () => {
    expect(await send("a\ud800b")).toMatchObject({ kind: "sent" });
    expect(await sendAgain("a\ud800b")).toEqual({ kind: "sent", message_id: null });
    expect(toArgus()).toEqual(["a\ufffdb"]);
  });
});
