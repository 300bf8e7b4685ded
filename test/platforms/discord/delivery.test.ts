import { describe, expect, test, vi } from "vitest";
import { delivery } from "../../../src/platforms/discord/delivery.ts";
import type { Destination } from "../../../src/platforms/discord/schema.ts";
import type { Chunk } from "../../../src/platforms/platform.ts";
import { APPLICATION_ID, TOKEN } from "./fixtures.ts";
import { type Answer, startDiscord } from "./server.ts";
import { envWith } from "./setup.ts";

const MINUTE_MS = 60_000;
const BOT_TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs";
const KEY = "k3y-of-this-chunk-000001";
const EDIT = `PATCH /api/v10/webhooks/${APPLICATION_ID}/${TOKEN}/messages/@original`;
const FOLLOW_UP = `POST /api/v10/webhooks/${APPLICATION_ID}/${TOKEN}`;
const CHANNEL = "POST /api/v10/channels/772908445358620702/messages";
const UNKNOWN_WEBHOOK: Answer = { status: 404, body: { message: "Unknown Webhook", code: 10015 } };

const chunk = (index: number, count: number, text = `part ${index}`): Chunk => ({ index, count, text });
const ONLY = chunk(0, 1, "hello");

interface How extends Partial<Destination> {
  /** How long ago the interaction came in. */
  readonly age_ms?: number;
  /** Whether a bot token is configured. Default true. */
  readonly bot?: boolean;
}

/** Sends to a double that answers like this; gives what came of it and what Discord saw. */
async function send(piece: Chunk, how: How, ...answers: Answer[]) {
  const { age_ms = MINUTE_MS, bot = true, ...changes } = how;
  await using discord = await startDiscord(...answers);
  const to: Destination = {
    application_id: APPLICATION_ID,
    token: TOKEN,
    channel_id: "772908445358620702",
    dm: false,
    ephemeral: false,
    user_install_only: false,
    received_at: Date.now() - age_ms,
    ...changes,
  };
  const env = envWith({ DISCORD_API_BASE: discord.base, ...(bot ? { DISCORD_BOT_TOKEN: BOT_TOKEN } : {}) });
  const result = await delivery.send(piece, { ...to }, KEY, env);
  expect(JSON.stringify(result), "no token in what is logged").not.toMatch(
    new RegExp(`${TOKEN}|${BOT_TOKEN}|hello`),
  );
  return { result, seen: discord.seen, requests: discord.seen.map(({ request }) => request) };
}

describe("an answer", () => {
  test("is owed: the user sees the bot thinking until one comes", () => {
    expect(delivery.owes_answer).toBe(true);
  });

  test("is cut into messages of 2,000 characters", () => {
    const parts = delivery.split("word ".repeat(1_000));
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(2_000);
  });

  test("replaces the deferred message, pings nobody and needs no bot token", async () => {
    const { result, seen } = await send(ONLY, { bot: false }, { status: 200, body: { id: "1" } });
    expect(result).toEqual({ kind: "sent", message_id: "1" });
    expect(seen).toMatchObject([
      { request: EDIT, body: { content: "hello", allowed_mentions: { parse: [] }, flags: 4 } },
    ]);
    expect(seen[0]?.headers).toMatchObject({ "user-agent": expect.stringMatching(/^DiscordBot \(/) });
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  test("goes on in follow-ups", async () => {
    const { result, seen } = await send(chunk(1, 2), {}, { status: 200, body: { id: "2" } });
    expect(result).toEqual({ kind: "sent", message_id: "2" });
    expect(seen).toMatchObject([
      { request: FOLLOW_UP, body: { content: "part 1", allowed_mentions: { parse: [] }, flags: 4 } },
    ]);
  });

  test("for one user goes on in follow-ups that only that user sees", async () => {
    const { seen } = await send(chunk(1, 2), { ephemeral: true });
    expect(seen).toMatchObject([{ request: FOLLOW_UP, body: { flags: 68 } }]);
  });

  test("counts as sent although Discord's answer cannot be read", async () => {
    const { result } = await send(ONLY, {}, { status: 200, body: "no json" });
    expect(result).toEqual({ kind: "sent", message_id: null });
  });
});

describe("Discord has not yet taken the deferral in", () => {
  test.each<[string, Answer]>([
    ["unknown webhook", UNKNOWN_WEBHOOK],
    ["unknown message", { status: 404, body: { message: "Unknown Message", code: 10008 } }],
    ["unknown interaction", { status: 404, body: { message: "Unknown interaction", code: 10062 } }],
  ])("%s: the edit is tried again a little later, not sent elsewhere", async (_, answer) => {
    const { result, requests } = await send(ONLY, { age_ms: 50 }, answer);
    expect(result).toMatchObject({ kind: "retry", after_ms: 100 });
    expect(requests).toEqual([EDIT]);
  });

  test("waits longer the longer it takes", async () => {
    const { result } = await send(ONLY, { age_ms: 8_000, bot: false }, UNKNOWN_WEBHOOK);
    const after_ms = result.kind === "retry" ? result.after_ms : undefined;
    expect(after_ms).toBeGreaterThanOrEqual(8_000);
    expect(after_ms).toBeLessThan(15_000);
  });
});

describe("the interaction is gone", () => {
  const asBot = {
    request: CHANNEL,
    headers: { authorization: `Bot ${BOT_TOKEN}` },
    body: { content: "hello", allowed_mentions: { parse: [] }, flags: 4, nonce: KEY, enforce_nonce: true },
  };

  test.each<[string, Answer]>([
    ["unknown webhook", UNKNOWN_WEBHOOK],
    ["invalid webhook token", { status: 401, body: { message: "Invalid Webhook Token", code: 50027 } }],
    ["unknown interaction", { status: 404, body: { message: "Unknown interaction", code: 10062 } }],
    ["the thinking message was deleted", { status: 404, body: { message: "Unknown Message", code: 10008 } }],
    ["not found, without a code", { status: 404, body: "<html>" }],
  ])("%s: the bot writes to the channel, once, whatever is repeated", async (_, answer) => {
    const { result, seen } = await send(ONLY, {}, answer, { status: 200, body: { id: "9" } });
    expect(result).toEqual({ kind: "sent", message_id: "9" });
    expect(seen).toMatchObject([{ request: EDIT }, asBot]);
  });

  test("an expired token is no matter of waiting", async () => {
    const expired: Answer = { status: 401, body: { message: "Invalid Webhook Token", code: 50027 } };
    const { result, seen } = await send(ONLY, { age_ms: 0 }, expired, { status: 200, body: { id: "9" } });
    expect(result).toMatchObject({ kind: "sent" });
    expect(seen).toMatchObject([{ request: EDIT }, asBot]);
  });

  test("known by its age, it is not even tried", async () => {
    const { result, seen } = await send(ONLY, { age_ms: 15 * MINUTE_MS });
    expect(result).toMatchObject({ kind: "sent" });
    expect(seen).toMatchObject([asBot]);
  });

  test("without a bot token fails, and says what to set", async () => {
    const { result, requests } = await send(ONLY, { age_ms: 15 * MINUTE_MS, bot: false });
    expect(result).toMatchObject({ kind: "failed", detail: expect.stringContaining("DISCORD_BOT_TOKEN") });
    expect(requests).toEqual([]);
  });

  test("an answer for one user is never shown to a channel", async () => {
    const { result, requests } = await send(ONLY, { ephemeral: true }, UNKNOWN_WEBHOOK);
    expect(result).toMatchObject({ kind: "failed" });
    expect(requests).toEqual([EDIT]);
  });

  test("an answer for one user may come as a DM of the bot", async () => {
    const { result, requests } = await send(ONLY, { ephemeral: true, dm: true }, UNKNOWN_WEBHOOK);
    expect(result).toMatchObject({ kind: "sent" });
    expect(requests).toEqual([EDIT, CHANNEL]);
  });

  test("a bot that may not write there is refused once", async () => {
    const missing: Answer = { status: 403, body: { message: "Missing Access", code: 50001 } };
    const { result, requests } = await send(ONLY, { age_ms: 15 * MINUTE_MS }, missing);
    expect(result).toEqual({ kind: "failed", detail: "channel message: 403, code 50001" });
    expect(requests).toEqual([CHANNEL]);
  });

  test("a channel message whose outcome is unknown is repeated with the same nonce", async () => {
    expect((await send(ONLY, { age_ms: 15 * MINUTE_MS }, "cut")).result).toMatchObject({ kind: "retry" });
  });
});

describe("Discord is busy or down", () => {
  test.each<[string, Answer, number]>([
    ["in its body", { status: 429, body: { retry_after: 1.25, global: false } }, 1_250],
    ["in its header", { status: 429, body: "<html>", headers: { "Retry-After": "7" } }, 7_000],
    ["not at all", { status: 429, body: {} }, 1_000],
  ])("a rate limit is waited for as Discord says %s", async (_, answer, after_ms) => {
    expect((await send(ONLY, {}, answer)).result).toMatchObject({ kind: "retry", after_ms });
    expect((await send(chunk(1, 2), {}, answer)).result).toMatchObject({ kind: "retry", after_ms });
  });

  test("what Discord says has failed is tried again", async () => {
    expect((await send(ONLY, {}, { status: 502 })).result).toMatchObject({ kind: "retry" });
    expect((await send(chunk(1, 2), {}, { status: 503 })).result).toMatchObject({ kind: "retry" });
  });

  test.each<[string, Answer]>([
    ["connection cut", "cut"],
    ["gateway timeout", { status: 504 }],
  ])(
    "an unknown outcome (%s) repeats an edit, which shows once, and never a follow-up",
    async (_, answer) => {
      expect((await send(ONLY, {}, answer)).result).toMatchObject({ kind: "retry" });
      expect((await send(chunk(1, 2), {}, answer)).result).toMatchObject({ kind: "failed" });
    },
  );

  test.each<[string, Answer]>([
    ["unauthorized", { status: 401, body: { message: "401: Unauthorized", code: 0 } }],
    ["forbidden", { status: 403, body: { message: "Missing Permissions", code: 50013 } }],
    ["blocked by the server's rules", { status: 400, body: { message: "Blocked", code: 200000 } }],
    ["a redirect", { status: 302, headers: { Location: "http://127.0.0.1:9/elsewhere" } }],
  ])("a refusal is final: %s", async (_, answer) => {
    const { result, requests } = await send(ONLY, {}, answer);
    expect(result).toMatchObject({ kind: "failed" });
    expect(requests).toEqual([EDIT]);
  });
});

describe("an app that only the user installed", () => {
  const alone = { user_install_only: true };

  test("uses its five follow-ups", async () => {
    const { result, seen } = await send(chunk(5, 6), alone);
    expect(result).toMatchObject({ kind: "sent" });
    expect(seen).toMatchObject([{ request: FOLLOW_UP, body: { content: "part 5" } }]);
  });

  test("closes the code that is cut for it", async () => {
    const code = `\`\`\`js\n${"let a = 1;\n".repeat(180)}\`\`\``;
    const { seen } = await send(chunk(5, 8, code), alone);
    const content = String(seen.map(({ body }) => (body as { content: string }).content)[0]);
    expect(content).toMatch(/^```js\nlet [\s\S]*;\n```\n\n\*Cut here/);
    expect(content.length).toBeLessThanOrEqual(2_000);
  });

  test("says in the last one that the rest was cut", async () => {
    const { seen } = await send(chunk(5, 8, "word ".repeat(400).trim()), alone);
    expect(seen).toMatchObject([
      { request: FOLLOW_UP, body: { content: expect.stringMatching(/^word word .*Cut here.{0,200}$/s) } },
    ]);
    expect(JSON.stringify(seen[0]?.body).length).toBeLessThan(2_100);
  });

  test("and fails beyond, without a request that Discord would count against it", async () => {
    const { result, requests } = await send(chunk(6, 8), alone);
    expect(result).toMatchObject({ kind: "failed", detail: expect.stringContaining("no follow-up left") });
    expect(requests).toEqual([]);
  });

  test("goes on as the bot in its own DM", async () => {
    const inDm = { ...alone, dm: true };
    expect((await send(chunk(5, 8), inDm)).seen).toMatchObject([{ body: { content: "part 5" } }]);
    expect((await send(chunk(6, 8), inDm)).requests).toEqual([CHANNEL]);
  });
});

describe("a request's time", () => {
  test("is up after fifteen seconds, and then its outcome is unknown; an answer leaves no timer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      expect((await send(ONLY, {})).result).toMatchObject({ kind: "sent" });
      expect(vi.getTimerCount(), "it would keep the session's object awake").toBe(0);
      const sending = send(ONLY, {}, "silence");
      while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(15_000);
      expect((await sending).result).toMatchObject({ kind: "retry" });
    } finally {
      vi.useRealTimers();
    }
  });
});

test("an address that this version cannot read fails", async () => {
  expect(await delivery.send(ONLY, { chat_id: "1" }, KEY, envWith({}))).toMatchObject({ kind: "failed" });
});
