import { expect, test } from "vitest";
import { COMMANDS } from "../../../src/platforms/discord/commands.ts";
import type { Destination } from "../../../src/platforms/discord/schema.ts";
import { openThread } from "../../../src/platforms/discord/thread.ts";
import { telegramMenus } from "../../../tools/connect/menus.ts";
import { APPLICATION_ID, TOKEN } from "./fixtures.ts";
import { type Answer, startDiscord } from "./server.ts";
import { envWith } from "./setup.ts";

const BOT_TOKEN = "bot-token-that-is-no-secret";
const TO: Destination = {
  application_id: APPLICATION_ID,
  token: TOKEN,
  channel_id: "772908445358620702",
  dm: false,
  ephemeral: true,
  user_install_only: false,
  received_at: 0,
};

/** Starts a thread at a double that answers like this; gives the line for the user and what Discord saw. */
async function start(
  name: string,
  answer: Answer,
  token: Record<string, string> = { DISCORD_BOT_TOKEN: BOT_TOKEN },
) {
  await using discord = await startDiscord(answer);
  const line = await openThread(name, { ...TO }, envWith({ DISCORD_API_BASE: discord.base, ...token }));
  return { line, seen: discord.seen };
}

test("a thread is started in the command's channel, by the bot, and the user is told where", async () => {
  const { line, seen } = await start("Plans", { status: 201, body: { id: "555" } });
  expect(line).toContain("<#555>");
  expect(seen).toMatchObject([
    {
      request: "POST /api/v10/channels/772908445358620702/threads",
      headers: { authorization: `Bot ${BOT_TOKEN}` },
      body: { name: "Plans", type: 11 },
    },
  ]);
});

test.each([
  ["no name", "", "Conversation"],
  ["a name that is too long", "n".repeat(101), "n".repeat(100)],
])("%s becomes one that Discord takes", async (_, given, name) => {
  const { seen } = await start(given, { status: 201, body: { id: "555" } });
  expect(seen[0]?.body).toMatchObject({ name });
});

test("without the bot's token one line says so, and Discord is not asked", async () => {
  const { line, seen } = await start("Plans", { status: 201, body: { id: "555" } }, {});
  expect(line).toBe("Starting a thread takes the bot's token: DISCORD_BOT_TOKEN.");
  expect(seen).toEqual([]);
});

test.each<[string, Answer, RegExp]>([
  ["refuses", { status: 403, body: { code: 50013 } }, /^Discord did not let me/],
  ["does not know the channel", { status: 404, body: { code: 10003 } }, /^Discord did not let me/],
  ["breaks off", "cut", /^Discord did not answer/],
  ["is busy", { status: 429, body: { retry_after: 1 } }, /^Discord did not answer/],
])("when Discord %s, one line says so", async (_, answer, line) => {
  expect((await start("Plans", answer)).line).toMatch(line);
});

test("only Discord lists the command", () => {
  expect(COMMANDS.map(({ name }) => name)).toContain("thread");
  const access = { strangers: "answer", hub_peers: "answer", commands: {} } as const;
  const menus = telegramMenus({ access, owners: { telegram: ["42"] }, homes: {} });
  expect(menus.flatMap(({ commands }) => commands.map(({ command }) => command))).not.toContain("thread");
});
