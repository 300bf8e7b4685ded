import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { chatAnswer, type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { say, timeUntil, turn } from "./support/chat.ts";
import { startWorld, type World } from "./support/world.ts";

const [one, two, three, four, five] = [{ id: 9431 }, { id: 9432 }, { id: 9433 }, { id: 9434 }, { id: 9435 }];
/** An upstream request that nobody waits for any more is gone in this time at most. */
const AT_ONCE_MS = 1_000;

let world: World;
let slow: RawEndpoint;
beforeAll(async () => {
  slow = await startRawEndpoint();
  const routes = () => `
model: { default: slow-model, provider: custom, base_url: "${slow.url}" }
access: { strangers: answer }
telegram: { live: draft }
`;
  world = await startWorld({ endpoints: [], routes });
});
afterAll(async () => {
  await world?.stop();
  await slow?.stop();
});
beforeEach(() => {
  slow.clear();
  slow.script(chatAnswer("ok"));
});

type Person = { readonly id: number };
const ask = (person: Person, text = "go") =>
  world.telegram.deliver(world.gateway.url, world.telegram.updates.direct(person, text));
const texts = (person: Person) => world.telegram.messagesTo(person.id).map(({ text }) => text);

/** What comes next is answered, and nothing else was said or remembered. */
async function goesOn(person: Person) {
  slow.script(chatAnswer("next answer"));
  expect(await say(world, person, "next")).toBe("next answer");
  expect(slow.requests.at(-1)?.messages).toEqual([{ role: "user", content: "next" }]);
}

test("/stop ends a turn's request at once, before anything came", async () => {
  const held = slow.hold(() => {});
  await ask(one);
  const { closed } = await held.started;
  const time = timeUntil("end of the upstream request", closed);
  expect(await say(world, one, "/stop")).toBe("Stopped.");
  expect(await time).toBeLessThan(AT_ONCE_MS);
  await goesOn(one);
  expect(texts(one)).toEqual(["Stopped.", "next answer"]);
});

test("the stop button does in the middle of the answer", async () => {
  const held = slow.hold((exchange) => exchange.stream().chunk({ content: "Half an ans" }));
  await ask(two);
  const { closed } = await held.started;
  const time = timeUntil("end of the upstream request", closed);
  expect(await say(world, two, world.telegram.updates.stopped(two))).toBe("Stopped.");
  expect(await time).toBeLessThan(AT_ONCE_MS);
  const line = await world.gateway.waitForLog("stopped turn", ({ outcome }) => outcome === "stopped");
  expect(line.level).toBe("info");
  await goesOn(two);
  expect(texts(two)).toEqual(["Stopped.", "next answer"]);
});

test("/stop does while the turn waits to ask again", async () => {
  slow.script(({ head }) => head(429, { "retry-after": "15" }).end());
  await ask(three);
  await waitFor("first try", () => slow.requests.length === 1);
  expect(await say(world, three, "/stop")).toBe("Stopped.");
  slow.script(chatAnswer("next answer"));
  const { said, ms } = await turn(world, three, "next");
  expect(said).toBe("next answer");
  expect(ms).toBeLessThan(AT_ONCE_MS);
  expect(slow.requests).toHaveLength(2);
});

test("/new does, and begins a new conversation", async () => {
  const held = slow.hold();
  await ask(four);
  const { closed } = await held.started;
  const time = timeUntil("end of the upstream request", closed);
  expect(await say(world, four, "/new")).toMatch(/^New conversation/);
  expect(await time).toBeLessThan(AT_ONCE_MS);
  await goesOn(four);
});

test("no other chat's turn ends", async () => {
  const held = slow.hold(
    (exchange) => exchange.stream().chunk({ content: "Slow, " }),
    (exchange) => exchange.chunk({ content: "but whole." }, "stop").end(),
  );
  await ask(five);
  await held.started;
  expect(await say(world, one, "/stop")).toBe("There is nothing to stop.");
  held.release();
  await world.telegram.waitForMessages(five.id, 1);
  expect(texts(five)).toEqual(["Slow, but whole."]);
});

test("on Discord the pending answer says that it was stopped", async () => {
  const { discord, gateway } = world;
  const where = { user_id: "77", channel_id: "901" };
  const held = slow.hold(() => {});
  const question = discord.interactions.command(where, "ask", { prompt: "go" });
  await discord.interact(gateway.url, question);
  const { closed } = await held.started;
  const time = timeUntil("end of the upstream request", closed);
  const stop = discord.interactions.command(where, "stop");
  await discord.interact(gateway.url, stop);
  expect((await discord.waitForMessages(stop, 1))[0]?.content).toBe("Stopped.");
  expect(await time).toBeLessThan(AT_ONCE_MS);
  expect((await discord.waitForMessages(question, 1))[0]?.content).toBe("Stopped.");
});
