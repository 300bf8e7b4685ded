import * as v from "valibot";
import { expect, test } from "vitest";
import { callApi } from "../../../src/platforms/telegram/api.ts";
import { delivery } from "../../../src/platforms/telegram/delivery.ts";
import { answerEndlessly, refuseToSend } from "../outside.ts";
import { envWith, type Reply, startBotApi } from "./setup.ts";

const PRIVATE = { chat_id: 42, message_thread_id: null, reply_to_message_id: null };
const send = () => delivery.send({ index: 0, count: 1, text: "hi" }, PRIVATE, "key", envWith({}));

test.each([
  [200, "unreadable"],
  [500, "unavailable"],
])("an answer of 400 MB (%i) is not read: its status has to do", async (status, reason) => {
  using outside = answerEndlessly(status);
  const answer = await callApi(envWith({}), "getMe", {}, v.unknown(), 5_000);
  expect(answer).toEqual({
    ok: false,
    error: { reason, detail: `${status} too long, or broken off` },
  });
  expect(outside.taken).toBeLessThan(2 * 1024 * 1024);
});

test("a long answer is read all the same: it repeats the message, and what that replies to", async () => {
  const text = "\\u00e4".repeat(60_000);
  const body = `{"ok":true,"result":{"message_id":900,"text":"${text}"}}`;
  await using api = await startBotApi({ status: 200, body } satisfies Reply);
  const env = envWith({ TELEGRAM_API_BASE: api.base });
  const answer = await callApi(env, "sendMessage", {}, v.object({ message_id: v.number() }), 5_000);
  expect(answer).toEqual({ ok: true, value: { message_id: 900 } });
});

test("a message that the runtime would not send was not shown: it is to be sent later, and nothing is asked", async () => {
  using outside = refuseToSend();
  expect(await send()).toEqual({
    kind: "not_sent",
    detail: "sendMessage not_sent: this invocation's requests are used up",
  });
  expect(outside.tries).toBe(1);
});

test("a call that its caller gives up ends at once", async () => {
  await using api = await startBotApi("silence");
  const caller = new AbortController();
  const env = envWith({ TELEGRAM_API_BASE: api.base });
  const asking = callApi(env, "getFile", {}, v.unknown(), 60_000, caller.signal);
  caller.abort();
  expect(await asking).toMatchObject({ ok: false, error: { reason: "timeout" } });
});
