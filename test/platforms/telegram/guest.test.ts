import { expect, test } from "vitest";
import { parsed } from "../../../src/lib/schema.ts";
import { sessionKey } from "../../../src/message/key.ts";
import { InboundMessage } from "../../../src/message/message.ts";
import { delivery } from "../../../src/platforms/telegram/delivery.ts";
import { listensTo } from "../../../src/routing/groups.ts";
import { routesWith } from "../../support/setup.ts";
import { envWith, fixture, parse, refusal, startBotApi } from "./setup.ts";

const ACCESS = { strangers: "answer", hub_peers: "answer", commands: {} } as const;
const open = routesWith({ access: { ...ACCESS, guests: "answer" } });

/** What a group's mention is where the bot is no member. */
function summons(changes: object = {}) {
  const { update_id, message } = fixture("group-mention");
  return { update_id, guest_message: { ...message, guest_query_id: "q-1", ...changes } };
}

test("who summons the bot as a guest is heard where access says so, and nowhere else", async () => {
  expect(await parse(summons(), open)).toMatchObject({
    kind: "message",
    message: {
      source: { chat_type: "guest", chat_id: "-4001234567", thread_id: undefined },
      ref: undefined,
      part: undefined,
      address: { guest: "q-1" },
    },
  });
  expect(await parse(summons(), routesWith({ access: ACCESS }))).toEqual({
    kind: "ignored",
    reason: "guest",
  });
});

test("in a chat of two people, and whatever the message mentions, a guest is meant", async () => {
  const chat = { id: 77, type: "private", first_name: "Ada" };
  expect(await parse(summons({ chat, text: "and now?", entities: [] }), open)).toMatchObject({
    message: { source: { chat_type: "guest", chat_id: "77" }, text: "and now?" },
  });
});

test("its session is its own, and no room that is listened to", async () => {
  const event = await parse(summons(), open);
  const message = parsed(InboundMessage, "message" in event ? event.message : null);
  if (!message) throw new Error("no message");
  expect(sessionKey(message.source)).toMatch(/^agent:main:telegram:guest:-4001234567:\d+$/);
  const groups = { require_mention: true, free_chats: [], ignored_threads: [], listen: true };
  expect(listensTo(message.source, { groups })).toBe(false);
});

const ADDRESS = { chat_id: -5, message_thread_id: null, reply_to_message_id: null, guest: "q-1" };
const CHUNK = { index: 0, count: 1, text: delivery.split("**Hi**")[0] ?? "" };
test("an answer is the query's one message, or an edit of what stands there", async () => {
  await using api = await startBotApi(
    { status: 200, body: { ok: true, result: { inline_message_id: "im-1" } } },
    refusal(400, "Bad Request: QUERY_ID_INVALID"),
    { status: 502, body: {} },
    { status: 200, body: { ok: true, result: true } },
    refusal(429, "Too Many Requests: retry after 3", { retry_after: 3 }),
  );
  const env = envWith({ TELEGRAM_API_BASE: api.base });
  const send = (more: object = {}) => delivery.send({ ...CHUNK, ...more }, ADDRESS, "key", env);
  expect(await send()).toEqual({ kind: "sent", message_id: "im-1" });
  expect(api.calls[0]).toMatchObject({
    path: expect.stringMatching(/answerGuestQuery$/),
    params: {
      guest_query_id: "q-1",
      result: {
        type: "article",
        input_message_content: { message_text: "Hi", entities: [{ type: "bold", offset: 0, length: 2 }] },
      },
    },
  });
  expect(await send()).toMatchObject({ kind: "failed", detail: expect.stringContaining("QUERY_ID_INVALID") });
  expect(await send()).toMatchObject({ kind: "retry" });
  expect(await send({ message_id: "im-1" })).toEqual({ kind: "sent", message_id: "im-1" });
  expect(api.calls.at(-1)?.params).toMatchObject({ inline_message_id: "im-1", text: "Hi" });
  expect(await send({ message_id: "im-1" })).toMatchObject({ kind: "retry", after_ms: 3_000 });
});
