import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { BOT } from "../../tools/doubles/telegram-updates.ts";
import { waitFor } from "../../tools/lib/wait.ts";
import { chatAnswer, type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { say } from "./support/chat.ts";
import { startWorld, type World } from "./support/world.ts";

const ELSEWHERE = -100_777;
const PERSON = { id: 9_950 };
const BEGINNING = "The answer begins with this sentence.";
const REST = " And it ends with that one.";

let world: World;
let endpoint: RawEndpoint;
let queries = 0;

beforeAll(async () => {
  endpoint = await startRawEndpoint();
  const routes = () => `
model:
  default: usual-model
  provider: custom
  base_url: "${endpoint.url}"
  routes: [{ match: { chat_type: guest }, model: guest-model }]
models: { usual: usual-model }
access: { strangers: answer, guests: answer }
owners: { telegram: ["${PERSON.id}"] }
groups: { listen: true }
`;
  world = await startWorld({ endpoints: [], routes });
});
afterAll(async () => {
  await world?.stop();
  await endpoint?.stop();
});
beforeEach(() => {
  endpoint.clear();
  endpoint.script(chatAnswer("ok"));
});

/** Somebody mentions the bot in a chat that it is no member of. */
async function summon(text: string, person = PERSON): Promise<string> {
  const query = `query-${queries++}`;
  const update = world.telegram.updates.guest(person, ELSEWHERE, `@${BOT.username} ${text}`, query);
  expect(await world.telegram.deliver(world.gateway.url, update)).toMatchObject({ status: 200 });
  return query;
}
const reads = (query: string, expected: string | RegExp) =>
  waitFor(`what a guest says: ${expected}`, () => {
    const text = world.telegram.guests.textOf(query);
    return typeof expected === "string" ? text === expected : expected.test(text ?? "");
  });
const lastAsked = () => endpoint.requests.at(-1);

test("a guest answers at once, and its text grows until it is whole", async () => {
  const { started, release } = endpoint.hold(
    (exchange) => exchange.stream().chunk({ content: BEGINNING }),
    (exchange) => exchange.chunk({ content: REST }).chunk({}, "stop").event("[DONE]").end(),
  );
  const query = await summon("what is this?");
  await reads(query, "…");
  await started;
  await reads(query, BEGINNING);
  release();
  await reads(query, BEGINNING + REST);
  expect(world.telegram.callsOf("answerGuestQuery")).toHaveLength(1);
  expect(world.telegram.messagesTo(ELSEWHERE)).toEqual([]);
  // It is no member: it can show no typing there.
  expect(
    world.telegram.callsOf("sendChatAction").filter(({ body }) => Number(body.chat_id) === ELSEWHERE),
  ).toEqual([]);
});

test("one that waits for its turn says so at once, too", async () => {
  const { started, release } = endpoint.hold(
    (exchange) => exchange.stream().chunk({ content: BEGINNING }),
    (exchange) => exchange.chunk({ content: REST }).chunk({}, "stop").event("[DONE]").end(),
  );
  const first = await summon("one");
  await started;
  endpoint.script(chatAnswer("second"));
  const query = await summon("two");
  await reads(query, "…");
  release();
  await reads(first, BEGINNING + REST);
  await reads(query, "second");
});

test("it has a conversation of its own, and a route", async () => {
  endpoint.script(chatAnswer("first"));
  await reads(await summon("/new one"), /./);
  await reads(await summon("two"), "first");
  expect(lastAsked()?.model).toBe("guest-model");
  expect(lastAsked()?.body.messages).toEqual([
    { role: "user", content: "one" },
    { role: "assistant", content: "first" },
    { role: "user", content: "two" },
  ]);
  await say(world, PERSON, "hello");
  expect(lastAsked()?.model).toBe("usual-model");
  expect(lastAsked()?.body.messages).toEqual([{ role: "user", content: "hello" }]);
});

test("a command is answered without buttons, whose presses would lead nowhere", async () => {
  const query = await summon("/model");
  await reads(query, /^Model: guest-model/);
  const [call] = world.telegram.callsOf("answerGuestQuery").slice(-1);
  expect(call?.body.result).not.toHaveProperty("reply_markup");
});

test("an answer too long for its one message says that there is more", async () => {
  endpoint.script(chatAnswer("word ".repeat(2_000).trim()));
  const query = await summon("go on");
  await reads(query, /^word .*\(The rest does not fit here\. In our own chat there is room for it\.\)$/s);
  expect(world.telegram.guests.textOf(query)?.length).toBeLessThanOrEqual(4_096);
});

test("an endpoint's failure takes the place of what stands there", async () => {
  endpoint.script((exchange) => exchange.head(401).end());
  await reads(await summon("hello?"), /did not accept this bot's key/);
});
