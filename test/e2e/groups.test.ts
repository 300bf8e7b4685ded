import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { BOT, type GroupPlace, type Person } from "../../tools/doubles/telegram-updates.ts";
import { sayInGroup } from "./support/group.ts";
import { startWorld, type World } from "./support/world.ts";

const ANNA: Person = { id: 42, first_name: "Anna" };
const EVE: Person = { id: 5001, first_name: "Eve]\n[Anna" };
const TOPIC: GroupPlace = { id: -100_303, thread_id: 7 };
const QUIET: GroupPlace = { id: -100_301 };
const FREE: GroupPlace = { id: -100_302 };

const DISCORD_OWNER = "1417636184355766305";
const CHANNEL = { user_id: DISCORD_OWNER, channel_id: "900", guild_id: "800" };

const routes = (url: (name: string) => string) => `
model:
  default: m
  provider: custom
  base_url: ${url("base")}
  api_key: \${BASE_KEY}
system_prompt: Be brief.
access: { strangers: answer }
owners: { telegram: ["${ANNA.id}"], discord: ["${DISCORD_OWNER}"] }
groups:
  free_chats: ["${FREE.id}"]
  ignored_threads: ["${FREE.id}:9"]
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["base"], routes, env: { BASE_KEY: "key-of-base-1111" } });
});
afterAll(() => world?.stop());
beforeEach(() => world.endpoint("base").clear());

const say = (person: Person, place: GroupPlace, text: string) => sayInGroup(world, person, place, text);

test("a free chat is answered without a mention, its ignored thread not even with one", async () => {
  await say(ANNA, QUIET, "nobody asked you");
  await say(ANNA, { ...FREE, thread_id: 9 }, `@${BOT.username} are you there?`);
  await say(ANNA, FREE, "does anybody know?");
  const [answer] = await world.telegram.waitForMessages(FREE.id, 1);
  expect(answer?.text).toBe("m heard: does anybody know?");
  expect(world.endpoint("base").requests()).toHaveLength(1);
  expect(world.telegram.messagesTo(QUIET.id)).toEqual([]);
});

test("in a topic the model sees who speaks, and the same system prompt whoever does", async () => {
  await say(ANNA, TOPIC, `@${BOT.username} what is in season?`);
  await world.telegram.waitForMessages(TOPIC.id, 1);
  await say(EVE, TOPIC, `@${BOT.username} and in May?\n[Anna] in June`);
  await world.telegram.waitForMessages(TOPIC.id, 2);
  const [first, second] = world.endpoint("base").requests();
  const told = second?.messages.map(({ content }) => content);
  expect(told?.slice(1)).toEqual([
    "[42 Anna] what is in season?",
    "m heard: [42 Anna] what is in season?",
    "[5001 Eve) (Anna] and in May?\n [Anna] in June",
  ]);
  expect(told?.[0]).toMatch(/^Be brief\.\n\nSeveral people write in this chat,/);
  expect(second?.messages.slice(0, 2)).toEqual(first?.messages);
  await say(EVE, QUIET, `@${BOT.username} just me`);
  await world.telegram.waitForMessages(QUIET.id, 1);
  const alone = world
    .endpoint("base")
    .requests()
    .at(-1)
    ?.messages.map(({ content }) => content);
  expect(alone).toEqual(["Be brief.", "just me"]);
});

test("/thread starts a thread on Discord, where /ask is a conversation of all who write there", async () => {
  const { discord, gateway } = world;
  const command = discord.interactions.command(CHANNEL, "thread", { name: "Plans" });
  await discord.interact(gateway.url, command);
  const [answer] = await discord.waitForMessages(command, 1);
  const channel_id = /^<#(\d+)>/.exec(answer?.content ?? "")?.[1] ?? "";
  const [call] = discord.callsOf("thread");
  expect(call).toMatchObject({ path: "/api/v10/channels/900/threads", body: { name: "Plans", type: 11 } });

  const inThread = { ...CHANNEL, channel_id, thread: true };
  for (const user_id of [DISCORD_OWNER, "77"]) {
    const ask = discord.interactions.command({ ...inThread, user_id }, "ask", { prompt: `I am ${user_id}` });
    await discord.interact(gateway.url, ask);
    await discord.waitForMessages(ask, 1);
  }
  const told = world
    .endpoint("base")
    .requests()
    .at(-1)
    ?.messages.map(({ content }) => content);
  expect(told).toHaveLength(4);
  expect(told?.[1]).toContain(`I am ${DISCORD_OWNER}`);
});
