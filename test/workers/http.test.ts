import { exports, env as workerEnv } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Env } from "../../src/env.ts";

const env = workerEnv as Env;
const SECRET = { "x-telegram-bot-api-secret-token": "telegram-secret" };

const fetchWorker = (path: string, init?: RequestInit) =>
  exports.default.fetch(new Request(`https://gateway.test${path}`, init));

const post = (path: string, body: BodyInit | null, headers: Record<string, string> = {}) =>
  fetchWorker(path, { method: "POST", body, headers });

let accepted: string[];
beforeEach(() => {
  accepted = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async () =>
    Response.json({ ok: true, result: { message_id: 1 } }),
  );
  const getByName = env.SESSIONS.getByName.bind(env.SESSIONS);
  vi.spyOn(env.SESSIONS, "getByName").mockImplementation((name, options) => {
    accepted.push(name);
    return getByName(name, options);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const update = JSON.stringify({
  update_id: 900_001,
  message: {
    message_id: 1,
    date: 1_795_000_000,
    text: "hello",
    from: { id: 42, is_bot: false, first_name: "Ada" },
    chat: { id: 42, type: "private", first_name: "Ada" },
  },
});

test.each([
  ["no such path", "/nothing", { method: "GET" }, 404],
  ["no such platform", "/webhooks/slack", { method: "POST", body: "{}" }, 404],
  ["a platform that is off", "/webhooks/discord", { method: "POST", body: "{}" }, 404],
  ["a platform that is off, other method", "/webhooks/hub", { method: "GET" }, 404],
  ["no secret", "/webhooks/telegram", { method: "POST", body: update }, 401],
  [
    "a wrong secret",
    "/webhooks/telegram",
    { method: "POST", body: update, headers: { ...SECRET, "x-telegram-bot-api-secret-token": "wrong" } },
    401,
  ],
  [
    "a wrong secret before an oversized body",
    "/webhooks/telegram",
    { method: "POST", body: "x".repeat(2_000_000) },
    401,
  ],
  [
    "a body over 1 MiB",
    "/webhooks/telegram",
    { method: "POST", body: "x".repeat(1_048_577), headers: SECRET },
    413,
  ],
  ["a body that is not JSON", "/webhooks/telegram", { method: "POST", body: "{", headers: SECRET }, 400],
  ["a body of another shape", "/webhooks/telegram", { method: "POST", body: "[]", headers: SECRET }, 400],
])("%s is refused, with nothing called or stored", async (_name, path, init, status) => {
  const response = await fetchWorker(path, init);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ error: expect.any(String) });
  expect(accepted).toEqual([]);
  expect(fetch).not.toHaveBeenCalled();
});

test("another method than POST is refused with Allow", async () => {
  const response = await fetchWorker("/webhooks/telegram", { method: "GET" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
});

test("a proved message is handed to its session; an event of no use is accepted and dropped", async () => {
  expect((await post("/webhooks/telegram", update, SECRET)).status).toBe(200);
  expect(accepted).toEqual(["agent:main:telegram:dm:42"]);
  expect((await post("/webhooks/telegram", '{"update_id":900002,"poll":{}}', SECRET)).status).toBe(200);
  expect(accepted).toHaveLength(1);
});

test("/health tells everybody that it runs, and only the operator what is not set up", async () => {
  const open = await (await fetchWorker("/health")).json();
  expect(open).toEqual({
    status: "ok",
    version: expect.any(String),
    routes: expect.stringMatching(/^[0-9a-f]{12}$/),
  });
  const wrong = await fetchWorker("/health", { headers: { authorization: "Bearer nope" } });
  expect(await wrong.json()).toEqual(open);
  const admin = await fetchWorker("/health", { headers: { authorization: "Bearer admin-token" } });
  expect(await admin.json()).toMatchObject({
    platforms: { telegram: "on", discord: "off", hub: "off" },
    storage: "ok",
    missing_secrets: expect.arrayContaining(["DISCORD_PUBLIC_KEY", "HUB_AGENT_SECRET"]),
  });
  const post = await fetchWorker("/health", { method: "POST" });
  expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  const head = await fetchWorker("/health", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("a group message that names a bot waits at Telegram until the bot's own name is known", async () => {
  vi.mocked(globalThis.fetch).mockImplementation(async () => new Response("bad gateway", { status: 502 }));
  const text = "@talaria_bot hello";
  const mention = JSON.stringify({
    update_id: 900_101,
    message: {
      message_id: 5,
      date: 1_795_000_000,
      text,
      entities: [{ type: "mention", offset: 0, length: 12 }],
      from: { id: 42, is_bot: false, first_name: "Ada" },
      chat: { id: -100, type: "supergroup" },
    },
  });
  expect((await post("/webhooks/telegram", mention, SECRET)).status).toBe(503);
  expect(accepted).toEqual([]);
  vi.mocked(globalThis.fetch).mockImplementation(async () =>
    Response.json({ ok: true, result: { message_id: 1, username: "Talaria_Bot" } }),
  );
  expect((await post("/webhooks/telegram", mention, SECRET)).status).toBe(200);
  expect(accepted).toEqual(["agent:main:telegram:group:-100:42"]);
});

test("a group that becomes a supergroup is remembered by its old id", async () => {
  const moved = JSON.stringify({
    update_id: 900_102,
    message: {
      message_id: 6,
      date: 1_795_000_000,
      migrate_to_chat_id: -100_777,
      from: { id: 42, is_bot: false, first_name: "Ada" },
      chat: { id: -777, type: "group" },
    },
  });
  expect((await post("/webhooks/telegram", moved, SECRET)).status).toBe(200);
  expect(await env.OVERRIDES.get("moved:telegram:-100777")).toBe("-777");
});
