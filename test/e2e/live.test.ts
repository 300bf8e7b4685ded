import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { chatAnswer, type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { startWorld, type World } from "./support/world.ts";

const BEGINNING = "The answer begins with this sentence.";
const REST = " And it ends with that one.";
const QUIET = 9_700;
const DM = { user_id: "1417636184355767001", channel_id: "967" };

let world: World;
let endpoint: RawEndpoint;
let nextPerson = 9_600;

beforeAll(async () => {
  endpoint = await startRawEndpoint();
  const routes = () => `
model:
  default: slow-model
  provider: custom
  base_url: "${endpoint.url}"
  routes: [{ match: { user_id: "${QUIET}" }, live: false }]
access: { strangers: answer }
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

const newPerson = () => ({ id: nextPerson++ });
type Person = { readonly id: number };
const ask = (person: Person, text = "go") =>
  world.telegram.deliver(world.gateway.url, world.telegram.updates.direct(person, text));
const texts = (person: Person) => world.telegram.messagesTo(person.id).map(({ text }) => text);
const showing = (person: Person, ...expected: string[]) =>
  waitFor(`what is shown: ${expected}`, () => JSON.stringify(texts(person)) === JSON.stringify(expected));

/** A request that is held after the beginning of its answer. */
const held = () =>
  endpoint.hold(
    (exchange) => exchange.stream().chunk({ content: BEGINNING }),
    (exchange) => exchange.chunk({ content: REST }).chunk({}, "stop").event("[DONE]").end(),
  );

describe("on Telegram", () => {
  test("the text is there while it is written, and the whole of it in the same message", async () => {
    const person = newPerson();
    const { release } = held();
    await ask(person);
    await showing(person, BEGINNING);
    const [message] = world.telegram.messagesTo(person.id);
    release();
    await showing(person, BEGINNING + REST);
    expect(world.telegram.messagesTo(person.id)[0]?.message_id).toBe(message?.message_id);
  });

  test("an answer that is there at once is one message, without a state before it", async () => {
    const person = newPerson();
    endpoint.script(chatAnswer(BEGINNING + REST));
    const edits = world.telegram.callsOf("editMessageText").length;
    await ask(person);
    await showing(person, BEGINNING + REST);
    expect(world.telegram.callsOf("editMessageText")).toHaveLength(edits);
  });

  test("a route that says so shows an answer only when it is whole", async () => {
    const person = { id: QUIET };
    const { started, release } = held();
    await ask(person);
    await started;
    await waitFor("a sign of work", () =>
      world.telegram.callsOf("sendChatAction").some(({ body }) => Number(body.chat_id) === QUIET),
    );
    expect(texts(person)).toEqual([]);
    release();
    await showing(person, BEGINNING + REST);
  });

  test("what does not fit into the message follows in further ones", async () => {
    const person = newPerson();
    const long = "word ".repeat(1_500).trim();
    const { release } = endpoint.hold(
      (exchange) => exchange.stream().chunk({ content: BEGINNING }),
      (exchange) =>
        exchange
          .chunk({ content: `\n\n${long}` })
          .chunk({}, "stop")
          .event("[DONE]")
          .end(),
    );
    await ask(person);
    await showing(person, BEGINNING);
    release();
    await waitFor("all of it", () => texts(person).join(" ").split("word").length === 1_501);
    expect(texts(person)).toHaveLength(2);
    expect(texts(person)[0]).toMatch(/^The answer begins/);
  });

  test("another try after a broken stream replaces the text in place", async () => {
    const person = newPerson();
    const first = endpoint.hold(
      (exchange) => exchange.stream().chunk({ content: BEGINNING }),
      (exchange) => exchange.cut(),
    );
    await ask(person);
    await showing(person, BEGINNING);
    endpoint.script(chatAnswer("Something else altogether."));
    first.release();
    await showing(person, "Something else altogether.");
  });

  test("an error after text was shown takes its place", async () => {
    const person = newPerson();
    const first = endpoint.hold(
      (exchange) => exchange.stream().chunk({ content: BEGINNING }),
      (exchange) => exchange.event({ error: { message: "x", type: "invalid_request_error" } }).end(),
    );
    await ask(person);
    await showing(person, BEGINNING);
    first.release();
    await waitFor("the error's line", () => /did not accept/.test(texts(person)[0] ?? ""));
    expect(texts(person)).toHaveLength(1);
  });

  test("/stop leaves what was written, marked as stopped", async () => {
    const person = newPerson();
    held();
    await ask(person);
    await showing(person, BEGINNING);
    await ask(person, "/stop");
    await waitFor("both lines", () => texts(person).length === 2 && texts(person)[0] !== BEGINNING);
    expect(texts(person)).toEqual([`${BEGINNING}\n\nStopped.`, "Stopped."]);
  });

  describe("a runtime that dies leaves one message, with the whole answer", () => {
    const AGAIN = "The answer of the second try.";

    /** The runtime ends and starts anew; another message then wakes the session before its alarm does. */
    async function dies(person: Person) {
      endpoint.script(chatAnswer(AGAIN));
      await world.gateway.restart();
      await ask(person, "next");
    }

    test("before the first text", async () => {
      const person = newPerson();
      const { started } = endpoint.hold();
      await ask(person);
      await started;
      await dies(person);
      await showing(person, AGAIN, AGAIN);
    });

    test("between two states", async () => {
      const person = newPerson();
      const { release } = endpoint.hold(
        (exchange) => exchange.stream().chunk({ content: BEGINNING }),
        (exchange) => exchange.chunk({ content: REST }),
      );
      await ask(person);
      await showing(person, BEGINNING);
      release();
      // A second state proves that the message's id is stored: no request leaves before what was written is safe.
      await showing(person, BEGINNING + REST);
      await dies(person);
      await showing(person, AGAIN, AGAIN);
    });

    test("while the whole text is on its way", async () => {
      const { telegram } = world;
      const person = newPerson();
      const { release } = held();
      await ask(person);
      await showing(person, BEGINNING);
      const arrive = telegram.faults.hold("editMessageText");
      const edits = () =>
        telegram.callsOf("editMessageText").filter(({ body }) => Number(body.chat_id) === person.id);
      release();
      await waitFor("the last edit", () => edits().length > 0);
      await dies(person);
      arrive();
      await showing(person, BEGINNING + REST, AGAIN);
      expect(endpoint.requests).toHaveLength(2);
    });

    test("once the whole text is there", async () => {
      const person = newPerson();
      const { release } = held();
      await ask(person);
      await showing(person, BEGINNING);
      release();
      // As above: the second state.
      await showing(person, BEGINNING + REST);
      await dies(person);
      await showing(person, BEGINNING + REST, AGAIN);
      expect(endpoint.requests).toHaveLength(2);
    });
  });
});

test("Telegram's 429 slows the states, and neither the stream nor the end", async () => {
  const person = newPerson();
  const { release } = held();
  await ask(person);
  await showing(person, BEGINNING);
  world.telegram.faults.fail("editMessageText", { kind: "rate_limited", retry_after: 1 }, 3);
  release();
  await waitFor("the whole answer", () => texts(person)[0] === BEGINNING + REST, 15_000);
  expect(texts(person)).toHaveLength(1);
}, 30_000);

test("on Discord the deferred answer grows", async () => {
  const { discord, gateway } = world;
  const { release } = held();
  const interaction = discord.interactions.command(DM, "ask", { prompt: "go" });
  await discord.interact(gateway.url, interaction);
  await waitFor("the beginning", () => discord.messagesUnder(interaction)[0]?.content === BEGINNING);
  release();
  await waitFor("the whole", () => discord.messagesUnder(interaction)[0]?.content === BEGINNING + REST);
  expect(discord.messagesUnder(interaction)).toHaveLength(1);
});
