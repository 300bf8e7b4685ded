import { expect, test, vi } from "vitest";
import { type ApiCall, callDiscord } from "../../../src/platforms/discord/api.ts";
import { delivery } from "../../../src/platforms/discord/delivery.ts";
import { answerEndlessly, refuseToSend } from "../outside.ts";
import { APPLICATION_ID, TOKEN } from "./fixtures.ts";
import { startDiscord } from "./server.ts";
import { envWith } from "./setup.ts";

const EDIT: ApiCall = { name: "edit original", method: "PATCH", path: "/webhooks/1/t", body: {} };

test.each([
  [200, { ok: true, value: { id: null, after_ms: 0 } }],
  [500, { ok: false, error: { reason: "unavailable", detail: "edit original: 500" } }],
])("an answer of 400 MB (%i) is not read: its status has to do", async (status, expected) => {
  using outside = answerEndlessly(status);
  expect(await callDiscord(EDIT, envWith({}))).toEqual(expected);
  expect(outside.taken).toBeLessThan(2 * 1024 * 1024);
});

test("a long answer is read all the same", async () => {
  await using discord = await startDiscord({ status: 200, body: { id: "7", content: "x".repeat(300_000) } });
  const env = envWith({ DISCORD_API_BASE: `${discord.base}/` });
  expect(await callDiscord(EDIT, env)).toEqual({ ok: true, value: { id: "7", after_ms: 0 } });
});

test.each([
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "2.25" }, 2_250],
  [{ "x-ratelimit-remaining": "1", "x-ratelimit-reset-after": "2.25" }, 0],
  [{ "x-ratelimit-remaining": "0" }, 0],
  [{}, 0],
])("a state of an answer tells how long the next one has to wait: %j", async (headers, after_ms) => {
  const fetched = vi.spyOn(globalThis, "fetch").mockResolvedValue(Response.json({ id: "7" }, { headers }));
  const to = { application_id: APPLICATION_ID, token: TOKEN, channel_id: "7", received_at: Date.now() };
  const address = { ...to, dm: false, ephemeral: false, user_install_only: false };
  const env = envWith({ DISCORD_APPLICATION_ID: APPLICATION_ID });
  expect(await delivery.live?.show("hello", address, null, env)).toEqual({
    kind: "shown",
    message_id: null,
    after_ms,
  });
  const agent = new Headers(fetched.mock.calls[0]?.[1]?.headers).get("user-agent");
  expect(agent).toMatch(new RegExp(`^DiscordBot \\(https://discord\\.com/\\S+${APPLICATION_ID}, 1\\)$`));
  fetched.mockRestore();
});

test.each([0, 1])(
  "chunk %i that the runtime would not send was not shown: it is to be sent later",
  async (index) => {
    using outside = refuseToSend();
    const to = {
      application_id: APPLICATION_ID,
      token: TOKEN,
      channel_id: "772908445358620702",
      dm: false,
      ephemeral: false,
      user_install_only: false,
      received_at: Date.now(),
    };
    const sent = await delivery.send({ index, count: 2, text: "hi" }, to, "key", envWith({}));
    expect(sent).toEqual({
      kind: "not_sent",
      detail: expect.stringMatching(/^(edit original|follow-up): this invocation's requests are used up$/),
    });
    expect(outside.tries).toBe(1);
  },
);
