import { describe, expect, test } from "vitest";
import { delivery } from "../../../src/platforms/discord/delivery.ts";
import type { Chunk } from "../../../src/platforms/platform.ts";
import { APPLICATION_ID, TOKEN } from "./fixtures.ts";
import { type Answer, startDiscord } from "./server.ts";
import { envWith } from "./setup.ts";

const MINUTE_MS = 60_000;
/** 15,000 characters, with what would end a fence, which begin with an indentation. */
const CODE = Array.from({ length: 600 }, (_, n) => `    say("line ${n}"); // \`\`\` é`).join("\n");
const ANSWER = `Here it is:\n\n\`\`\`js\n${CODE}\n\`\`\`\n\nRun it with **care**.`;
const FILE = { name: "answer.js", text: CODE };
const NAMED = [{ id: 0, filename: "answer.js" }];

async function send(
  chunk: Partial<Chunk>,
  changes: { age_ms?: number; user_install_only?: boolean },
  ...answers: Answer[]
) {
  await using discord = await startDiscord(...answers);
  const { age_ms = 0, user_install_only = false } = changes;
  const to = {
    application_id: APPLICATION_ID,
    token: TOKEN,
    channel_id: "77",
    dm: false,
    ephemeral: false,
    user_install_only,
    received_at: Date.now() - age_ms,
  };
  const piece = { index: 1, count: 3, text: delivery.split(ANSWER)[1] ?? "", ...chunk };
  const env = envWith({ DISCORD_API_BASE: discord.base, DISCORD_BOT_TOKEN: "bot-token" });
  return { result: await delivery.send(piece, to, "key-1", env), seen: discord.seen };
}

describe("code of more than two messages", () => {
  test("stands between what is said before and after it", () => {
    const parts = delivery.split(ANSWER);
    expect(parts).toHaveLength(3);
    expect([parts[0], parts[2]]).toEqual(["Here it is:", "Run it with **care**."]);
  });

  test("is told from code that fits two: that stays text", () => {
    const code = (rows: number) => `\`\`\`\n${"x".repeat(99).concat("\n").repeat(rows)}\`\`\``;
    expect(delivery.split(code(38)).map((part) => part.length <= 2_000)).toEqual([true, true]);
    expect(delivery.split(code(41))).toHaveLength(1);
  });

  test("is not made so long by its blank lines", () => {
    const blank = "\n".repeat(3_000);
    for (const code of [`${"x".repeat(1_980)}${blank}`, `${blank}${"x".repeat(1_980)}`, `a${blank}b`])
      for (const part of delivery.split(`\`\`\`\n${code}\n\`\`\``))
        expect(part.length).toBeLessThanOrEqual(2_000);
  });

  test.each<[string, Partial<Chunk>, number, string]>([
    ["with a follow-up", {}, 0, `POST /api/v10/webhooks/${APPLICATION_ID}/${TOKEN}`],
    [
      "in the deferred answer",
      { index: 0 },
      0,
      `PATCH /api/v10/webhooks/${APPLICATION_ID}/${TOKEN}/messages/@original`,
    ],
    ["in the channel", {}, 20 * MINUTE_MS, "POST /api/v10/channels/77/messages"],
  ])("is attached %s", async (_, chunk, age_ms, request) => {
    const { result, seen } = await send(chunk, { age_ms });
    expect(result).toEqual({ kind: "sent", message_id: "message-1" });
    expect(seen).toMatchObject([
      { request, body: { payload_json: { content: "", attachments: NAMED }, "files[0]": FILE } },
    ]);
  });

  test("that is refused is said as text", async () => {
    const { result } = await send({}, {}, { status: 403, body: { code: 50013 } });
    if (result.kind !== "failed") throw new Error(result.kind);
    const texts = delivery.split(result.instead ?? "", true);
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(2_000);
      expect(text).toMatch(/^```js\n[\s\S]+\n```$/);
    }
    const inside = texts.map((text) => text.slice(6, -4).replaceAll("`\u200b`\u200b`", "```"));
    expect(inside.join("\n")).toBe(CODE);
  });

  test("of which nobody knows whether it came is repeated as an edit only", async () => {
    expect((await send({}, {}, "cut")).result).toMatchObject({ kind: "failed" });
    expect((await send({}, {}, "cut")).result).not.toHaveProperty("instead");
    expect((await send({ index: 0 }, {}, "cut")).result).toMatchObject({ kind: "retry" });
  });

  test("in the last message that a user's own app may say, says that there is more", async () => {
    const { seen } = await send({ index: 5, count: 8 }, { user_install_only: true });
    expect(seen).toMatchObject([
      { body: { payload_json: { content: expect.stringContaining("Cut here") }, "files[0]": FILE } },
    ]);
  });
});
