import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { delivery } from "../../../src/platforms/telegram/delivery.ts";
import { envWith, SENT, startBotApi } from "./setup.ts";

const CHUNK = { index: 0, count: 1, text: "hi" };
const PRIVATE = { chat_id: 42, message_thread_id: null, reply_to_message_id: null };

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

test("no answer in time is not tried again: the message may be there", async () => {
  await using api = await startBotApi("silence");
  const sending = delivery.send(CHUNK, PRIVATE, "key", envWith({ TELEGRAM_API_BASE: api.base }));
  while (api.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(15_000);
  expect(await sending).toEqual({
    kind: "failed",
    detail: "sendMessage timeout: no answer within 15000 ms",
  });
});

test("an answered call leaves no timer, which would keep the session's object awake", async () => {
  await using api = await startBotApi(SENT);
  const sent = await delivery.send(CHUNK, PRIVATE, "key", envWith({ TELEGRAM_API_BASE: api.base }));
  expect(sent.kind).toBe("sent");
  expect(vi.getTimerCount()).toBe(0);
});
