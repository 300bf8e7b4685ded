import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ChatMessage } from "../../src/inference/types.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { KEY } from "../support/faults/fault.ts";
import { type InferenceDouble, startInference } from "../support/inference.ts";
import { ask, askChain, bundleOf, envOf } from "./setup.ts";

let endpoint: InferenceDouble;
beforeAll(async () => {
  endpoint = await startInference();
});
afterAll(() => endpoint.stop());
beforeEach(() => {
  endpoint.clear();
  endpoint.answer("Done.");
});

const ORIGIN = {
  session: "agent:main:telegram:dm:42",
  source_kind: "owner",
  user_id: "42",
  platform: "telegram",
  delivery_id: "telegram:1:7",
};
const TALK: readonly ChatMessage[] = [
  { role: "system", content: "You are brief." },
  { role: "user", content: "My name is Ann." },
  { role: "assistant", content: "Hello Ann." },
  { role: "user", content: "What is my name?" },
];

/** The request that a bundle with these fields makes. */
async function sent(fields: Partial<Bundle>, more: Parameters<typeof ask>[1] = {}) {
  const result = await ask(bundleOf(endpoint.url, fields), { messages: TALK, origin: ORIGIN, ...more });
  expect(result).toMatchObject({ ok: true, value: { text: "Done." } });
  const request = endpoint.requests().at(-1);
  if (request === undefined) throw new Error("no request");
  return request;
}

describe("an endpoint that holds the conversation itself", () => {
  test.each(["chat_completions", "responses", "anthropic_messages"] as const)(
    "%s: is sent the new message alone, and by which delivery it came",
    async (api_mode) => {
      const request = await sent({ api_mode, conversation: "endpoint" });
      expect(request.messages).toEqual([{ role: "user", content: "What is my name?" }]);
      expect(request.body).not.toHaveProperty("system");
      expect(request.body).not.toHaveProperty("instructions");
      expect(request.headers["idempotency-key"]).toBe("telegram:1:7");
    },
  );

  test("is given the same key when it is asked again", async () => {
    endpoint.failNext(1, 503);
    await sent({ conversation: "endpoint" });
    const keys = endpoint.requests().map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toEqual(["telegram:1:7", "telegram:1:7"]);
  });

  test("any other is sent what was said, and nothing of the delivery", async () => {
    for (const conversation of [undefined, "gateway"] as const) {
      const request = await sent({ conversation });
      expect(request.messages).toHaveLength(4);
      expect(request.headers).not.toHaveProperty("idempotency-key");
    }
  });

  test("its fallback that holds none is sent all of it", async () => {
    endpoint.failNext(1, 401);
    const agent = bundleOf(endpoint.url, { conversation: "endpoint" });
    await askChain([agent, bundleOf(endpoint.url)], { messages: TALK, origin: ORIGIN });
    expect(endpoint.requests().map(({ messages }) => messages.length)).toEqual([1, 4]);
  });
});

describe("marks in headers", () => {
  const headers = {
    "x-hermes-session-id": "{session}",
    "x-who": "{source_kind} {user_id} on {platform}",
    "x-plain": "{other} ${TEAM}",
  };
  const env = envOf({ OWNER_KEY: KEY, TEAM: "blue" });

  test("are filled for each message, beside secrets; other braces stay", async () => {
    expect((await sent({ headers }, { env })).headers).toMatchObject({
      "x-hermes-session-id": "agent:main:telegram:dm:42",
      "x-who": "owner 42 on telegram",
      "x-plain": "{other} blue",
    });
  });

  test.each([
    ["Jürgen\r\nX-Evil: 1", "J%C3%BCrgen%0D%0AX-Evil:%201"],
    ['a", b; c', "a%22%2C%20b%3B%20c"],
    ["\ud800 100%", "%EF%BF%BD%20100%25"],
    ["${OWNER_KEY}", "%24%7BOWNER_KEY%7D"],
    ["{session}", "%7Bsession%7D"],
  ])("%j from outside is harmless: no other header, no secret, no mark", async (user_id, value) => {
    const origin = { ...ORIGIN, user_id };
    const request = await sent({ headers: { "x-user": "{user_id}" } }, { origin });
    expect(request.headers["x-user"]).toBe(value);
    expect(request.headers).not.toHaveProperty("x-evil");
  });

  test("of which nothing is known leave their header out", async () => {
    const { headers: got } = await sent({ headers }, { env, origin: { platform: "cron" } });
    expect(got).not.toHaveProperty("x-hermes-session-id");
    expect(got).not.toHaveProperty("x-who");
    expect(got["x-plain"]).toBe("{other} blue");
  });
});

describe("extra_body", () => {
  const extra_body = {
    tools: [{ type: "mcp", server_url: "https://mcp.example", authorization: "${MCP_KEY}" }],
    metadata: { session: "{session}", who: "{user_id}", nothing: null, n: 0, yes: false },
    user: "{platform}:{user_id}",
    "odd.field": ["{user_id}", 1],
  };
  const env = envOf({ OWNER_KEY: KEY, MCP_KEY: "mcp-secret" });

  test.each(["chat_completions", "responses", "anthropic_messages"] as const)(
    "%s: is passed on as it is, with its places filled",
    async (api_mode) => {
      const { body } = await sent({ api_mode, extra_body }, { env });
      expect(body).toMatchObject({
        model: "claude-opus-5",
        stream: true,
        tools: [{ type: "mcp", server_url: "https://mcp.example", authorization: "mcp-secret" }],
        metadata: { session: ORIGIN.session, who: "42", nothing: null, n: 0, yes: false },
        user: "telegram:42",
        "odd.field": ["42", 1],
      });
    },
  );

  test("leaves out what has a mark of which nothing is known", async () => {
    const { body } = await sent({ extra_body }, { env, origin: {} });
    expect(body.metadata).toEqual({ nothing: null, n: 0, yes: false });
    expect(body).not.toHaveProperty("user");
    expect(body["odd.field"]).toEqual([1]);
  });

  test("may say what the gateway says otherwise", async () => {
    const { body } = await sent({ api_mode: "responses", extra_body: { store: true } });
    expect(body.store).toBe(true);
  });

  test("what came from outside is never taken for a secret's place", async () => {
    const origin = { ...ORIGIN, user_id: "${OWNER_KEY}" };
    expect((await sent({ extra_body: { user: "{user_id}" } }, { origin })).body.user).toBe("${OWNER_KEY}");
  });

  test("whose secret is not set calls nobody", async () => {
    const result = await ask(bundleOf(endpoint.url, { extra_body }), { origin: ORIGIN });
    expect(result).toMatchObject({
      ok: false,
      error: { reason: "missing_secret", detail: "not set: MCP_KEY", tries: 0 },
    });
  });
});
