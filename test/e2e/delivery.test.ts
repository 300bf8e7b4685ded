import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { AGENT, startWorld, type World } from "./support/world.ts";

const REDELIVERIES = 20;

const routes = (url: (name: string) => string) => `
model: { default: m, provider: custom, base_url: "${url("base")}" }
access: { strangers: answer, hub_peers: answer }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["base"], routes });
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.endpoint("base").clear();
  world.endpoint("base").answer(({ text }) => `re: ${text}`);
});

/** The last user message of every call of the endpoint. */
const questions = () =>
  world
    .endpoint("base")
    .requests()
    .map(({ messages }) => messages.at(-1)?.content);

const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);

test("a Telegram update that comes twenty times is answered once", async () => {
  const { telegram, gateway } = world;
  const person = { id: 6001 };
  const update = telegram.updates.direct(person, "only once");
  const deliver = () => telegram.deliver(gateway.url, update);
  const together = await Promise.all(Array.from({ length: REDELIVERIES - 1 }, deliver));
  await telegram.waitForMessages(person.id, 1);
  const all = [...together, await deliver()];
  expect(all.map(({ status }) => status)).toEqual(Array.from(all, () => 200));
  // A session answers in order: a second answer to the first question would stand before this one.
  await telegram.deliver(gateway.url, telegram.updates.direct(person, "and now"));
  expect(texts(await telegram.waitForMessages(person.id, 2))).toEqual(["re: only once", "re: and now"]);
  expect(questions()).toEqual(["only once", "and now"]);
});

test("a Discord interaction that comes twenty times is answered once", async () => {
  const { discord, gateway } = world;
  const where = { user_id: "77", channel_id: "900", guild_id: "800" };
  const ask = (question: string) => discord.interactions.command(where, "ask", { prompt: question });
  const interaction = ask("only once");
  const all = await Promise.all(
    Array.from({ length: REDELIVERIES }, () => discord.interact(gateway.url, interaction)),
  );
  expect(all.map(({ status, body }) => [status, body.type])).toEqual(Array.from(all, () => [200, 5]));
  const next = ask("and now");
  await discord.interact(gateway.url, next);
  await discord.waitForMessages(next, 1);
  expect(discord.messagesUnder(interaction).map(({ content }) => content)).toEqual(["re: only once"]);
  expect(discord.callsOf("follow_up")).toEqual([]);
  expect(questions()).toEqual(["only once", "and now"]);
});

test("a Hub message is answered once, however often its callback comes and the sweep looks", async () => {
  const { hub, gateway } = world;
  await hub.register("argus");
  const send = (message: string) => hub.send({ from: "argus", to: AGENT, message });
  const { body } = await send("only once");
  const callback = { id: body.message_id, from: "argus", message: "only once", read: false };
  const again = () =>
    gateway.fetch("/webhooks/hub", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(callback),
    });
  await Promise.all(Array.from({ length: REDELIVERIES }, again));
  await gateway.scheduled();
  await hub.waitForMessageTo("argus", ({ message }) => message === "re: only once");
  await again();
  await gateway.scheduled();
  await send("and now");
  await hub.waitForMessageTo("argus", ({ message }) => message === "re: and now");
  expect(hub.messagesTo("argus").map(({ message }) => message)).toEqual(["re: only once", "re: and now"]);
  expect(questions()).toEqual(["only once", "and now"]);
  await waitFor("inbox all read", () => hub.inbox(AGENT).every(({ read }) => read));
});

test("ten messages at once to one chat are answered in order, and hold up no other chat", async () => {
  const { telegram, gateway } = world;
  const busy = { id: 6002 };
  const other = { id: 6003 };
  const gate = Promise.withResolvers<void>();
  world.endpoint("base").answer(async ({ text }) => {
    if (text === "message 1") await gate.promise;
    return `re: ${text}`;
  });
  const ten = Array.from({ length: 10 }, (_, index) => `message ${index + 1}`);
  // Telegram itself gives a chat's next update only after the last one's 200.
  for (const text of ten) {
    expect(await telegram.deliver(gateway.url, telegram.updates.direct(busy, text))).toMatchObject({
      status: 200,
    });
  }
  await telegram.deliver(gateway.url, telegram.updates.direct(other, "quick"));
  await telegram.waitForMessages(other.id, 1);
  expect(telegram.messagesTo(busy.id)).toEqual([]);
  gate.resolve();
  const answers = await telegram.waitForMessages(busy.id, 10);
  expect(texts(answers)).toEqual(ten.map((text) => `re: ${text}`));
});

test("SIGKILL of the runtime: what was asked is answered once, what was answered is not asked again", async () => {
  const { telegram, gateway } = world;
  const inTurn = { id: 6004 };
  const inDelivery = { id: 6005 };
  const base = world.endpoint("base");
  const never = new Promise<string>(() => {});
  base.answer(({ text }) => (text === "in the middle" ? never : `re: ${text}`));

  const release = telegram.faults.hold("sendMessage");
  telegram.faults.fail("sendMessage", { kind: "unavailable", status: 500 });
  await telegram.deliver(gateway.url, telegram.updates.direct(inDelivery, "answered already"));
  await waitFor("attempt to send", () =>
    telegram.callsOf("sendMessage").some(({ body }) => Number(body.chat_id) === inDelivery.id),
  );
  await telegram.deliver(gateway.url, telegram.updates.direct(inTurn, "in the middle"));
  await waitFor("call of the endpoint", () => base.requests().length === 2);
  await gateway.kill();
  release();
  base.answer(({ text }) => `re: ${text}`);
  await gateway.restart();

  await telegram.waitForMessages(inTurn.id, 1, 30_000);
  await telegram.waitForMessages(inDelivery.id, 1, 30_000);
  for (const person of [inTurn, inDelivery]) {
    await telegram.deliver(gateway.url, telegram.updates.direct(person, "and now"));
    await telegram.waitForMessages(person.id, 2);
  }
  expect(texts(telegram.messagesTo(inTurn.id))).toEqual(["re: in the middle", "re: and now"]);
  expect(texts(telegram.messagesTo(inDelivery.id))).toEqual(["re: answered already", "re: and now"]);
  expect(questions()).toEqual(["answered already", "in the middle", "in the middle", "and now", "and now"]);
});

test("a group that became a supergroup still gets its answer, and the next one", async () => {
  const { telegram, gateway } = world;
  const [before, after] = [-4_001, -100_004_001];
  telegram.faults.fail("sendMessage", { kind: "migrated", to: after });
  const mention = (id: number, text: string) =>
    telegram.updates.group({ id: 6006 }, { id }, `/status ${text}`);
  await telegram.deliver(gateway.url, mention(before, "one"));
  await telegram.waitForMessages(after, 1);
  await telegram.deliver(gateway.url, mention(after, "two"));
  await telegram.waitForMessages(after, 2);
  expect(telegram.messagesTo(before)).toEqual([]);
});
