import { expect, test } from "vitest";
import type { Address } from "../../../src/message/message.ts";
import type { SentKeyboard } from "../../../src/platforms/press.ts";
import { delivery } from "../../../src/platforms/telegram/delivery.ts";
import { envWith, type Reply, refusal, SENT, startBotApi } from "./setup.ts";

const button = (label: string, data = `d-${label}`) => ({ label, data });
const KEYBOARD: SentKeyboard = {
  choices: ["a", "b", "c"].map((label) => button(label)),
  actions: [button("x")],
};
const CHAT: Address = { chat_id: 42, message_thread_id: null, reply_to_message_id: null };
const PRESSED: Address = { ...CHAT, edits: 12 };

/** Sends the only chunk of an answer; returns what became of it, and the methods called with their parameters. */
async function send(address: Address, keyboard: SentKeyboard | undefined, ...replies: Reply[]) {
  await using api = await startBotApi(...replies);
  const chunk = { index: 0, count: 1, text: "Choose:", keyboard };
  const result = await delivery.send(chunk, address, "key", envWith({ TELEGRAM_API_BASE: api.base }));
  const calls = api.calls.map(({ path, params }) => ({ method: path.split("/").at(-1), params }));
  return { result, calls, methods: calls.map(({ method }) => method) };
}

const MARKUP = {
  inline_keyboard: [
    [
      { text: "a", callback_data: "d-a" },
      { text: "b", callback_data: "d-b" },
    ],
    [{ text: "c", callback_data: "d-c" }],
    [{ text: "x", callback_data: "d-x" }],
  ],
};

test("buttons stand below the message, choices in rows of two", async () => {
  const { calls } = await send(CHAT, KEYBOARD, SENT);
  expect(calls).toMatchObject([{ method: "sendMessage", params: { reply_markup: MARKUP } }]);
});

test("the answer to a press takes the place of its message, with other buttons or none", async () => {
  const done: Reply = { status: 200, body: { ok: true, result: true } };
  const { result, calls } = await send(PRESSED, KEYBOARD, done);
  expect(result).toEqual({ kind: "sent", message_id: "12" });
  const params = { chat_id: 42, message_id: 12, text: "Choose:", reply_markup: MARKUP };
  expect(calls).toMatchObject([{ method: "editMessageText", params }]);
  expect((await send(PRESSED, undefined, done)).calls[0]?.params).not.toHaveProperty("reply_markup");
});

test("a press that changes nothing is done; where the message is gone, the answer is a new one", async () => {
  const same = refusal(400, "Bad Request: message is not modified: specified new message content …");
  expect((await send(PRESSED, KEYBOARD, same)).result).toEqual({ kind: "sent", message_id: "12" });
  const gone = refusal(400, "Bad Request: message to edit not found");
  const { result, methods } = await send(PRESSED, KEYBOARD, gone, SENT);
  expect(result).toEqual({ kind: "sent", message_id: "900" });
  expect(methods).toEqual(["editMessageText", "sendMessage"]);
});

test("where the group has become a supergroup, the answer is a new message there: the old id is another's", async () => {
  const moved = refusal(400, "Bad Request: upgraded", { migrate_to_chat_id: -1001987654321 });
  const { result, calls } = await send(PRESSED, KEYBOARD, moved, SENT);
  expect(calls).toMatchObject([
    { method: "editMessageText", params: { chat_id: 42, message_id: 12 } },
    { method: "sendMessage", params: { chat_id: -1001987654321, text: "Choose:" } },
  ]);
  expect(result).toMatchObject({ kind: "sent", message_id: "900" });
  expect("address" in result && result.address).toEqual({ ...CHAT, chat_id: -1001987654321 });
});

test("an edit of which nobody knows is tried again: it shows nothing twice", async () => {
  expect((await send(PRESSED, KEYBOARD, refusal(502, "Bad Gateway"))).result).toMatchObject({
    kind: "retry",
  });
});

test("a button that Telegram would refuse is left out, and the message is sent", async () => {
  const keyboard = { choices: [], actions: [button("long", "ü".repeat(33)), button("fits", "ü".repeat(32))] };
  const { calls } = await send(CHAT, keyboard, SENT);
  expect(calls[0]?.params.reply_markup).toEqual({
    inline_keyboard: [[{ text: "fits", callback_data: "ü".repeat(32) }]],
  });
});
