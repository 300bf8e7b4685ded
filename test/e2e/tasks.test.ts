import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { startWorld, type World } from "./support/world.ts";

const OWNER = { id: 42 };
const GUILD = { user_id: "1417636184355766305", channel_id: "900", guild_id: "800" };

let world: World;
beforeAll(async () => {
  const routes = (url: (name: string) => string) => `
model:
  default: m
  provider: custom
  base_url: "${url("base")}"
  routes:
    - match: { source_kind: owner }
      model: owners
      base_url: "${url("owner")}"
owners: { telegram: ["42"], discord: ["1417636184355766305"] }
`;
  world = await startWorld({ endpoints: ["base", "owner"], routes });
});
afterAll(() => world?.stop());

/** What a task's request waits for. */
let task: PromiseWithResolvers<string>;
beforeEach(() => {
  task = Promise.withResolvers();
  world.endpoint("owner").clear();
  world.endpoint("owner").answer(({ text, model }) => (text === "slow" ? task.promise : `${model}: ${text}`));
});

test("on Telegram a task is acknowledged, the chat goes on, and its answer comes later", async () => {
  const texts = () => world.telegram.messagesTo(OWNER.id).map(({ text }) => text);
  const say = (text: string) =>
    world.telegram.deliver(world.gateway.url, world.telegram.updates.direct(OWNER, text));
  await say("/background slow");
  await waitFor("acknowledgement", () => texts().length === 1);
  expect(texts()[0]).toMatch(/^Task 1 has begun/);
  await say("hello");
  await waitFor("answer to the message", () => texts().length === 2);
  expect(texts()[1]).toBe("owners: hello");
  task.resolve("here it is");
  await waitFor("answer of the task", () => texts().length === 3);
  expect(texts()[2]).toBe("Task 1: slow\n\nhere it is");
});

test("on Discord the acknowledgement is the interaction's answer, and the task's is a follow-up", async () => {
  const interaction = world.discord.interactions.command(GUILD, "background", { prompt: "slow" });
  const { body } = await world.discord.interact(world.gateway.url, interaction);
  expect(body).toEqual({ type: 5 });
  const [acknowledgement] = await world.discord.waitForMessages(interaction, 1);
  expect(acknowledgement?.content).toMatch(/^Task 1 has begun/);
  task.resolve("here it is");
  const answers = await world.discord.waitForMessages(interaction, 2);
  expect(answers.map(({ content }) => content)).toEqual([
    acknowledgement?.content,
    "**Task 1:** `slow`\n\nhere it is",
  ]);
});
