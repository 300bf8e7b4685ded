import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BOT } from "../../tools/doubles/telegram-updates.ts";
import { waitFor } from "../../tools/lib/wait.ts";
import { chatAnswer, type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { say } from "./support/chat.ts";
import { sayInGroup } from "./support/group.ts";
import { startWorld, type World } from "./support/world.ts";

const BEGINNING = "The answer begins with this sentence.";
const REST = " And it ends with that one.";
const TABLE = "| City | °C |\n|------|---:|\n| Oslo | 4 |";

let world: World;
let endpoint: RawEndpoint;
let nextPerson = 9_900;

beforeAll(async () => {
  endpoint = await startRawEndpoint();
  const routes = () => `
model: { default: slow-model, provider: custom, base_url: "${endpoint.url}" }
access: { strangers: answer }
telegram: { live: draft, rich: true }
`;
  world = await startWorld({ endpoints: [], routes });
});
afterAll(async () => {
  await world?.stop();
  await endpoint?.stop();
});
beforeEach(() => {
  world.telegram.faults.clear();
  endpoint.clear();
  endpoint.script(chatAnswer("ok"));
});

type Person = { readonly id: number };
const newPerson = (): Person => ({ id: nextPerson++ });
const ask = (person: Person) =>
  world.telegram.deliver(world.gateway.url, world.telegram.updates.direct(person, "go"));
const texts = ({ id }: Person) => world.telegram.messagesTo(id).map(({ text }) => text);
const calls = (method: string, { id }: Person) =>
  world.telegram.callsOf(method).flatMap(({ body }) => (Number(body.chat_id) === id ? [body] : []));
const showing = (person: Person, ...expected: string[]) =>
  waitFor(`what is shown: ${expected}`, () => JSON.stringify(texts(person)) === JSON.stringify(expected));
const drafted = (person: Person, text: string) =>
  waitFor("a draft", () => calls("sendMessageDraft", person).at(-1)?.text === text);

/** A request that is held after the beginning of its answer. */
const held = () =>
  endpoint.hold(
    (exchange) => exchange.stream().chunk({ content: BEGINNING }),
    (exchange) => exchange.chunk({ content: REST }).chunk({}, "stop").event("[DONE]").end(),
  );

describe("with `live: draft`", () => {
  test("an answer is a draft with a stop button while it is written, and then one message", async () => {
    const person = newPerson();
    const { release } = held();
    await ask(person);
    await drafted(person, BEGINNING);
    expect(texts(person)).toEqual([]);
    expect(calls("sendMessageDraft", person)[0]).toMatchObject({ can_stop: true });
    release();
    await showing(person, BEGINNING + REST);
    const ids = new Set(calls("sendMessageDraft", person).map(({ draft_id }) => draft_id));
    expect(ids.size).toBe(1);
    expect(calls("editMessageText", person)).toEqual([]);
  });

  test("the stop button leaves what was written", async () => {
    const person = newPerson();
    held();
    await ask(person);
    await drafted(person, BEGINNING);
    await world.telegram.deliver(world.gateway.url, world.telegram.updates.stopped(person));
    await waitFor("what was written", () => texts(person).some((text) => text.startsWith(BEGINNING)));
  });

  test("where the server has no drafts an answer is edited, and the chat is asked no more", async () => {
    const person = newPerson();
    world.telegram.faults.fail("sendMessageDraft", { kind: "no_method" });
    for (const before of [[], [BEGINNING + REST]]) {
      const { release } = held();
      await ask(person);
      await showing(person, ...before, BEGINNING);
      release();
      await showing(person, ...before, BEGINNING + REST);
    }
    expect(calls("sendMessageDraft", person)).toHaveLength(1);
  });

  test("a draft that fails in passing is made good by the next state", async () => {
    const person = newPerson();
    world.telegram.faults.fail("sendMessageDraft", { kind: "unavailable", status: 500 });
    const { release } = held();
    await ask(person);
    await waitFor("another draft", () => calls("sendMessageDraft", person).length === 2);
    expect(texts(person)).toEqual([]);
    release();
    await showing(person, BEGINNING + REST);
  });

  test("a group, which has no drafts, sees edits", async () => {
    const group = { id: -100_901 };
    const { release } = held();
    await sayInGroup(world, newPerson(), group, `@${BOT.username} go`);
    await showing(group, BEGINNING);
    release();
    await showing(group, BEGINNING + REST);
    expect(calls("sendMessageDraft", group)).toEqual([]);
  });
});

describe("with `rich: true`", () => {
  test("a table is a rich message, an ordinary answer is not", async () => {
    const person = newPerson();
    endpoint.script(chatAnswer(TABLE), chatAnswer("Just words."));
    expect(await say(world, person, "go")).toBe(TABLE);
    expect(await say(world, person, "go")).toBe("Just words.");
    expect(calls("sendRichMessage", person)).toEqual([
      { chat_id: person.id, rich_message: { markdown: TABLE } },
    ]);
    expect(calls("sendMessage", person)).toHaveLength(1);
  });

  test("an answer of several messages is one, and comes in several where the server refuses it", async () => {
    const person = newPerson();
    const long = `${"Many words. ".repeat(500)}\n\n${TABLE}`;
    endpoint.script(chatAnswer(long), chatAnswer(long));
    expect(await say(world, person, "go")).toBe(long);
    world.telegram.faults.fail("sendRichMessage", { kind: "no_method" });
    expect(await say(world, person, "go")).toMatch(/^Many words\./);
    await waitFor("all of it", () => texts(person).at(-1)?.includes("Oslo"));
    expect(texts(person)).toHaveLength(3);
  });

  test("in a group the message that was edited becomes one", async () => {
    const group = { id: -100_902 };
    const { release } = endpoint.hold(
      (exchange) => exchange.stream().chunk({ content: BEGINNING }),
      (exchange) =>
        exchange
          .chunk({ content: `\n\n${TABLE}` })
          .chunk({}, "stop")
          .event("[DONE]")
          .end(),
    );
    await sayInGroup(world, newPerson(), group, `@${BOT.username} go`);
    await showing(group, BEGINNING);
    release();
    await showing(group, `${BEGINNING}\n\n${TABLE}`);
    expect(calls("editMessageText", group).at(-1)).toMatchObject({
      rich_message: { markdown: `${BEGINNING}\n\n${TABLE}` },
    });
  });

  test("a server that refuses it gets the answer as an ordinary message, and is asked no more", async () => {
    const person = newPerson();
    world.telegram.faults.fail("sendRichMessage", { kind: "no_method" });
    endpoint.script(chatAnswer(TABLE));
    expect(await say(world, person, "go")).toContain("Oslo");
    expect(await say(world, person, "go")).toContain("Oslo");
    expect(calls("sendRichMessage", person)).toHaveLength(1);
    expect(calls("sendMessage", person)).toHaveLength(2);
  });
});
