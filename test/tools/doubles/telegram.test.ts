import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTelegram, type TelegramDouble } from "../../../tools/doubles/telegram.ts";
import { BOT } from "../../../tools/doubles/telegram-updates.ts";
import { serveApp } from "../../../tools/lib/serve.ts";

let telegram: TelegramDouble;
const call = async (method: string, body: object, token = telegram.env.TELEGRAM_BOT_TOKEN) => {
  const response = await fetch(`${telegram.url}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as unknown };
};

beforeAll(async () => {
  telegram = await startTelegram();
});
afterAll(() => telegram.stop());

test("knows its bot, and refuses another token as Telegram does", async () => {
  expect((await call("getMe", {})).body).toMatchObject({ ok: true, result: { username: BOT.username } });
  expect(await call("getMe", {}, "1:wrong")).toEqual({
    status: 401,
    body: { ok: false, error_code: 401, description: "Unauthorized" },
  });
});

test("keeps messages per chat, edits included, and says what kind of chat it is", async () => {
  const sent = await call("sendMessage", { chat_id: -100, message_thread_id: 7, text: "first" });
  expect(sent.body).toMatchObject({ result: { chat: { type: "supergroup" }, message_thread_id: 7 } });
  const message_id = telegram.messagesTo(-100)[0]?.message_id;
  await call("editMessageText", { chat_id: -100, message_id, text: "corrected" });
  await call("sendMessage", { chat_id: 42, text: "elsewhere" });
  expect(telegram.messagesTo(-100)).toEqual([
    { message_id, chat_id: "-100", text: "corrected", thread_id: 7 },
  ]);
});

test("holds Telegram's limits", async () => {
  expect(await call("sendMessage", { chat_id: 42, text: "x".repeat(4097) })).toMatchObject({ status: 400 });
  expect(await call("sendMessage", { chat_id: 42, text: " " })).toMatchObject({ status: 400 });
  expect(await call("inventMethod", {})).toMatchObject({ status: 404, body: { ok: false } });
});

test("refuses an edit that changes nothing, as Telegram does", async () => {
  await call("sendMessage", { chat_id: 46, text: "same" });
  const message_id = telegram.messagesTo(46)[0]?.message_id;
  const edit = (rest: object) => call("editMessageText", { chat_id: 46, message_id, ...rest });
  expect(await edit({ text: "same" })).toMatchObject({
    status: 400,
    body: { description: expect.stringContaining("message is not modified") },
  });
  const reply_markup = { inline_keyboard: [[{ text: "more", callback_data: "more" }]] };
  expect(await edit({ text: "same", reply_markup })).toMatchObject({ status: 200 });
  expect(await edit({ text: "same", reply_markup })).toMatchObject({ status: 400 });
});

test("gives a bot its files, and nobody else", async () => {
  telegram.files.set("AgAC", Uint8Array.of(1, 2, 3));
  const found = await call("getFile", { file_id: "AgAC" });
  expect(found.body).toMatchObject({ result: { file_size: 3, file_path: "photos/AgAC" } });
  expect(await call("getFile", { file_id: "other" })).toMatchObject({ status: 400 });
  const download = (token: string | undefined) => fetch(`${telegram.url}/file/bot${token}/photos/AgAC`);
  expect(await (await download(telegram.env.TELEGRAM_BOT_TOKEN)).bytes()).toEqual(Uint8Array.of(1, 2, 3));
  expect((await download("1:wrong")).status).toBe(404);
});

test("plays a planned fault once, and then serves again", async () => {
  telegram.faults.fail("sendMessage", { kind: "rate_limited", retry_after: 3 });
  expect(await call("sendMessage", { chat_id: 43, text: "again" })).toMatchObject({
    status: 429,
    body: { parameters: { retry_after: 3 } },
  });
  expect(await call("sendMessage", { chat_id: 43, text: "again" })).toMatchObject({ status: 200 });
  expect(telegram.messagesTo(43)).toHaveLength(1);
});

test("shows a message although its answer was lost", async () => {
  telegram.faults.fail("sendMessage", { kind: "answer_lost" });
  await expect(call("sendMessage", { chat_id: 44, text: "shown" })).rejects.toThrow();
  expect(telegram.messagesTo(44)).toHaveLength(1);
});

test("holds calls until they are let go", async () => {
  const release = telegram.faults.hold("sendMessage");
  const held = call("sendMessage", { chat_id: 45, text: "late" });
  await call("getMe", {});
  expect(telegram.messagesTo(45)).toHaveLength(0);
  release();
  await held;
  expect(telegram.messagesTo(45)).toHaveLength(1);
});

test("delivers updates with the secret, another, or none", async () => {
  const seen: unknown[] = [];
  const app = new Hono().post("/webhooks/telegram", (c) => {
    seen.push(c.req.header("x-telegram-bot-api-secret-token"));
    return c.json({});
  });
  const gateway = await serveApp(app);
  const update = telegram.updates.direct({ id: 42 }, "/model@talaria_test_bot x @somebody");
  await telegram.deliver(gateway.url, update);
  await telegram.deliver(gateway.url, update, "wrong");
  await telegram.deliver(gateway.url, update, null);
  await gateway.close();
  expect(seen).toEqual([telegram.env.TELEGRAM_WEBHOOK_SECRET, "wrong", undefined]);
  expect(update.message?.entities).toEqual([
    { type: "bot_command", offset: 0, length: 23 },
    { type: "mention", offset: 26, length: 9 },
  ]);
});
