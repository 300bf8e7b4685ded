import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { BOT, type GroupPlace, type Person } from "../../tools/doubles/telegram-updates.ts";
import { startWorld, type World } from "./support/world.ts";

const ANNA: Person = { id: 42, first_name: "Anna" };
const QUIET: GroupPlace = { id: -100_301 };
const FREE: GroupPlace = { id: -100_302 };

const routes = (url: (name: string) => string) => `
model:
  default: m
  provider: custom
  base_url: ${url("base")}
  api_key: \${BASE_KEY}
owners: { telegram: ["${ANNA.id}"] }
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

/** Somebody says something in a group, and the gateway takes it. */
async function say(person: Person, place: GroupPlace, text: string): Promise<void> {
  const { telegram, gateway } = world;
  const update = telegram.updates.group(person, place, text);
  expect(await telegram.deliver(gateway.url, update)).toMatchObject({ status: 200 });
}

test("a free chat is answered without a mention, its ignored thread not even with one", async () => {
  await say(ANNA, QUIET, "nobody asked you");
  await say(ANNA, { ...FREE, thread_id: 9 }, `@${BOT.username} are you there?`);
  await say(ANNA, FREE, "does anybody know?");
  const [answer] = await world.telegram.waitForMessages(FREE.id, 1);
  expect(answer?.text).toBe("m heard: does anybody know?");
  expect(world.endpoint("base").requests()).toHaveLength(1);
  expect(world.telegram.messagesTo(QUIET.id)).toEqual([]);
});
