import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Interaction } from "../../tools/doubles/discord-interactions.ts";
import { startWorld, type World } from "./support/world.ts";

const OWNER = "1417636184355766305";
const GUILD = { user_id: OWNER, channel_id: "900", guild_id: "800" };
const DM = { user_id: OWNER, channel_id: "901" };
/** Discord takes an interaction back when it is not answered by then. */
const DISCORD_LIMIT_MS = 3_000;

const routes = (url: (name: string) => string) => `
model: { default: m, provider: custom, base_url: "${url("base")}" }
models: { fast: fast-model, strong: strong-model }
owners: { discord: ["${OWNER}"] }
access: { strangers: ignore }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["base"], routes });
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.endpoint("base").clear();
  world.endpoint("base").answer(({ text, model }) => `${model}: ${text}`);
  world.discord.faults.clear();
});

const interact = (interaction: Interaction) => world.discord.interact(world.gateway.url, interaction);
const ask = (where: typeof DM, question: string) =>
  world.discord.interactions.command(where, "ask", { prompt: question });
const contents = (messages: readonly { content: string }[]) => messages.map(({ content }) => content);

test("/ask is deferred at once, whatever the model does, and answered by editing the original", async () => {
  for (const where of [GUILD, DM, { ...GUILD, user_install: true }]) {
    const model = Promise.withResolvers<string>();
    world.endpoint("base").answer(() => model.promise);
    const interaction = ask(where, "hello");
    const { status, body, ms } = await interact(interaction);
    expect({ status, body }).toEqual({ status: 200, body: { type: 5 } });
    expect(ms).toBeLessThan(DISCORD_LIMIT_MS);
    expect(world.discord.messagesUnder(interaction)).toEqual([]);
    model.resolve("here I am");
    const answers = await world.discord.waitForMessages(interaction, 1);
    expect(contents(answers)).toEqual(["here I am"]);
    expect(answers[0]?.allowed_mentions).toEqual({ parse: [] });
  }
});

test("a long answer goes on in follow-ups, in order, and pings nobody", async () => {
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index} @everyone`);
  world.endpoint("base").answer(lines.join("\n"));
  const interaction = ask(GUILD, "long, please");
  await interact(interaction);
  const answers = await world.discord.waitForMessages(interaction, 3);
  for (const { content, allowed_mentions } of answers) {
    expect(content.length).toBeLessThanOrEqual(2_000);
    expect(allowed_mentions).toEqual({ parse: [] });
  }
  expect(
    contents(answers)
      .join("\n")
      .match(/line \d+/g),
  ).toEqual(lines.join("\n").match(/line \d+/g));
});

test("a 429 is waited out", async () => {
  world.discord.faults.fail("edit_original", { kind: "rate_limited", retry_after: 0.5 });
  const interaction = ask(GUILD, "patience");
  await interact(interaction);
  expect(contents(await world.discord.waitForMessages(interaction, 1))).toEqual(["m: patience"]);
});

test("when the token has expired, the answer becomes a channel message, once", async () => {
  const model = Promise.withResolvers<string>();
  world.endpoint("base").answer(() => model.promise);
  const interaction = ask({ ...GUILD, channel_id: "902" }, "slow");
  // The message is shown, but its answer is lost: the nonce keeps the second try from doubling it.
  world.discord.faults.fail("channel_message", { kind: "answer_lost" });
  await interact(interaction);
  world.discord.expire(interaction);
  model.resolve("late, but here");
  const line = await world.gateway.waitForLog(
    "delivery",
    ({ event }) => event === "turn",
    world.gateway.logs.length,
  );
  expect(line.outcome).toBe("ok");
  await expect
    .poll(() => world.discord.callsOf("channel_message").at(-1)?.status, { timeout: 40_000 })
    .toBe(200);
  expect(contents(world.discord.messagesIn("902"))).toEqual(["late, but here"]);
  const [first] = world.discord.callsOf("channel_message");
  expect(first?.body).toMatchObject({ enforce_nonce: true, allowed_mentions: { parse: [] } });
});

test("/model, with choices from routes.yaml as one types, holds for this chat", async () => {
  const { discord } = world;
  const typed = await interact(discord.interactions.autocomplete(DM, "model", "name", "str"));
  expect(typed).toMatchObject({ status: 200, body: { type: 8 } });
  expect(JSON.stringify(typed.body)).toContain("strong");
  const choose = discord.interactions.command(DM, "model", { name: "strong" });
  expect(await interact(choose)).toMatchObject({ body: { type: 5, data: { flags: 64 } } });
  await discord.waitForMessages(choose, 1);
  const question = ask(DM, "who?");
  await interact(question);
  expect(contents(await discord.waitForMessages(question, 1))).toEqual(["strong-model: who?"]);
  const elsewhere = ask(GUILD, "who?");
  await interact(elsewhere);
  expect(contents(await discord.waitForMessages(elsewhere, 1))).toEqual(["m: who?"]);
});

test("/new with a text asks that: one answer for all, in a new conversation", async () => {
  const where = { ...GUILD, channel_id: "907" };
  const first = ask(where, "before");
  await interact(first);
  await world.discord.waitForMessages(first, 1);
  const interaction = world.discord.interactions.command(where, "new", { text: "hello there" });
  expect((await interact(interaction)).body).toEqual({ type: 5 });
  expect(contents(await world.discord.waitForMessages(interaction, 1))).toEqual(["m: hello there"]);
  const requests = world.endpoint("base").requests();
  expect(requests.map(({ messages }) => messages.length)).toEqual([1, 1]);
  const status = world.discord.interactions.command(where, "status");
  await interact(status);
  expect(contents(await world.discord.waitForMessages(status, 1))[0]).toContain("Conversation: 2 messages");
  expect(contents(world.discord.messagesUnder(interaction))).toEqual(["m: hello there"]);
});

test.each(["new", "status", "help"])("/%s is answered for its user only", async (name) => {
  const command = world.discord.interactions.command(DM, name);
  expect(await interact(command)).toMatchObject({ status: 200, body: { type: 5, data: { flags: 64 } } });
  const [answer] = await world.discord.waitForMessages(command, 1);
  expect(answer?.content).not.toBe("");
  expect(world.endpoint("base").requests()).toEqual([]);
});

test("“Ask about this” takes the message along", async () => {
  const { discord } = world;
  const interaction = discord.interactions.messageCommand(GUILD, "Ask about this", "The Styx is cold.");
  await interact(interaction);
  await discord.waitForMessages(interaction, 1);
  const [request] = world.endpoint("base").requests();
  expect(JSON.stringify(request?.messages.at(-1)?.content)).toContain("The Styx is cold.");
});

test("a stranger is told, alone, that nobody answers; the model is not called", async () => {
  const { status, body } = await interact(ask({ ...GUILD, user_id: "77" }, "me too?"));
  expect(status).toBe(200);
  expect(body).toMatchObject({ type: 4, data: { flags: 64 } });
  expect(world.endpoint("base").requests()).toEqual([]);
});
