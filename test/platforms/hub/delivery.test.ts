import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { delivery } from "../../../src/platforms/hub/delivery.ts";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";
import { serve } from "../../../tools/lib/serve.ts";
import { envWith } from "./setup.ts";

let hub: HubDouble;
beforeEach(async () => {
  hub = await startHub();
  await hub.register("talaria");
  await hub.register("argus");
});
afterEach(() => hub.stop());

const send = (text: string, address = { peer: "argus" }, changes: Record<string, string> = {}) =>
  delivery.send(
    { index: 0, count: 1, text },
    address,
    "key.0",
    envWith({ ...hub.env("talaria"), ...changes }),
  );
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
    expect(result).toEqual({ kind: "retry", detail: "Hub was not reached: unreachable" });
  });

  test("a 502 for the message itself may hide that it was stored, so it is never sent twice", async () => {
    hub.failNext(1, 502, { processed: true, only: /^POST .*\/message$/ });
    expect(await send("hello")).toMatchObject({ kind: "failed" });
    expect(toArgus()).toEqual(["hello"]);
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
