import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { app } from "../../src/http/app.ts";
import { envWith } from "../support/setup.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_795_000_000_000 }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("whoever forges 250 requests gets 250 refusals, and the log one line a minute with their number", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const env = envWith({ TELEGRAM_BOT_TOKEN: "1:x", TELEGRAM_WEBHOOK_SECRET: "the-right-one" });
  const forge = async () => {
    const request = new Request("https://gateway.example/webhooks/telegram", {
      method: "POST",
      headers: { "x-telegram-bot-api-secret-token": "wrong" },
      body: "{}",
    });
    return (await app.fetch(request, env, { waitUntil: () => {} })).status;
  };
  const lines = () => warned.mock.calls.map(([line]) => JSON.parse(String(line)));
  for (let count = 0; count < 250; count++) expect(await forge()).toBe(401);
  expect(lines()).toMatchObject([{ event: "not_authentic", platform: "telegram", count: 1 }]);
  vi.setSystemTime(Date.now() + 60_000);
  expect(await forge()).toBe(401);
  expect(lines()[1]).toMatchObject({ event: "not_authentic", count: 250 });
  expect(lines()).toHaveLength(2);
});
