import { describe, expect, test, vi } from "vitest";
import { hub } from "../../../src/platforms/hub/index.ts";
import type { WebhookEvent } from "../../../src/platforms/platform.ts";
import { envWith, fixture, routesWith } from "./setup.ts";

const call = (query = "") => new Request(`https://gateway.example/webhooks/hub${query}`, { method: "POST" });
const verify = (request: Request, variables = {}) =>
  hub.webhook?.verify(request, envWith(variables), Date.now());
const parse = (payload: unknown): Promise<WebhookEvent> | undefined =>
  hub.webhook?.parse(payload, envWith({}), routesWith(), Date.now());

describe("who may call", () => {
  test("anybody, when no token is set", async () => {
    expect(await verify(call())).toBe(true);
  });

  test("with a token, only a URL that carries it", async () => {
    const variables = { HUB_WEBHOOK_TOKEN: "noise-filter" };
    expect(await verify(call("?token=noise-filter"), variables)).toBe(true);
    for (const query of ["", "?token=", "?token=noise", "?token=noise-filter2", "?other=noise-filter"]) {
      expect(await verify(call(query), variables)).toBe(false);
    }
  });
});

describe("what a callback does", () => {
  test.each(["callback-test", "callback-health"])("%s is answered and starts nothing", async (name) => {
    expect(await parse(fixture(name))).toEqual({ kind: "ignored", reason: "probe" });
  });

  test.each([
    ["a list", []],
    ["text", "hello"],
    ["a number", 1],
    ["nothing", null],
  ])("%s is not Hub's shape", async (_name, payload) => {
    expect(await parse(payload)).toMatchObject({ kind: "malformed" });
  });

  test.each([
    ["a message", fixture("direct-message")],
    ["an event", fixture("settlement-webhook")],
    ["a forged message of ourselves", { from: "talaria", message: "hi" }],
    ["an empty object", {}],
  ])(
    "%s is only a hint: the inbox of this agent is asked, and nothing of it is passed on",
    async (_, payload) => {
      const hint = vi.fn(async () => {});
      const getByName = vi.fn(() => ({ hint }));
      const event = await parse(payload);
      if (event?.kind !== "background") throw new Error(`expected a background event, got ${event?.kind}`);
      await event.work(envWith({ HUB_AGENT_ID: "talaria" }, { HUB_INBOX: { getByName } }));
      expect(getByName).toHaveBeenCalledWith("inbox:talaria");
      expect(hint.mock.calls).toEqual([[]]);
    },
  );
});

test("the sweep asks the same inbox", async () => {
  const sweep = vi.fn(async () => {});
  const getByName = vi.fn(() => ({ sweep }));
  await hub.sweep?.(envWith({ HUB_AGENT_ID: "talaria" }, { HUB_INBOX: { getByName } }));
  expect(getByName).toHaveBeenCalledWith("inbox:talaria");
  expect(sweep).toHaveBeenCalledOnce();
});
