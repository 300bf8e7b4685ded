import type { Update } from "@grammyjs/types";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { chatAnswer, type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { startWorld, type World } from "./support/world.ts";

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4);
const [PASTES, ALBUM, FORWARDS, EDITS, WAITS] = [9801, 9802, 9803, 9804, 9805].map((id) => ({ id })) as [
  P,
  P,
  P,
  P,
  P,
];

type P = { readonly id: number };

let world: World;
let model: RawEndpoint;
beforeAll(async () => {
  model = await startRawEndpoint();
  const routes = () => `
model: { default: m, provider: custom, base_url: "${model.url}" }
access: { strangers: answer }
`;
  world = await startWorld({ endpoints: [], routes });
});
afterAll(async () => {
  await world?.stop();
  await model?.stop();
});
beforeEach(() => {
  model.clear();
  model.script(chatAnswer("the answer"));
});

const texts = ({ id }: P) => world.telegram.messagesTo(id).map(({ text }) => text);
/** What the model was asked last, by request. */
const questions = () => model.requests.map(({ messages }) => messages.at(-1)?.content);

/** Delivers updates one after the other, as Telegram does, and each once more. */
async function deliver(...updates: Update[]): Promise<void> {
  for (const update of [...updates, ...updates]) {
    expect((await world.telegram.deliver(world.gateway.url, update)).status).toBe(200);
  }
}

test("a text that its app has cut in three gets one answer", async () => {
  const { updates } = world.telegram;
  const [one, two] = ["a".repeat(4_096), `${"b".repeat(4_050)}.`];
  await deliver(...[one, two, "And that is all."].map((text) => updates.direct(PASTES, text)));
  await waitFor("the answer", () => texts(PASTES).length > 0);
  expect(questions()).toEqual([`${one}${two}\nAnd that is all.`]);
  expect(texts(PASTES)).toEqual(["the answer"]);
});

test("an album gets one answer, to all of its pictures", async () => {
  const { updates, files } = world.telegram;
  const album = ["one", "two", "three"].map((name, index) => {
    files.set(name, JPEG);
    const update = updates.photo(ALBUM, name, index === 0 ? "Which is the best?" : undefined);
    return { ...update, message: { ...update.message, media_group_id: "13" } } as Update;
  });
  await deliver(...album);
  await waitFor("the answer", () => texts(ALBUM).length > 0);
  const [content] = questions() as { type: string; text?: string }[][];
  expect(content?.map(({ type }) => type).sort()).toEqual(["image_url", "image_url", "image_url", "text"]);
  expect(content?.find(({ type }) => type === "text")?.text).toBe("Which is the best?");
  expect(texts(ALBUM)).toEqual(["the answer"]);
});

test("a comment and what it is about get one answer", async () => {
  const { updates } = world.telegram;
  const held = model.hold();
  const forward_origin = { type: "hidden_user", sender_user_name: "Circe", date: 1 } as const;
  const comment = updates.direct(FORWARDS, "Is this true?");
  await deliver(comment);
  await held.started;
  await deliver(updates.direct(FORWARDS, "Pigs can fly.", { forward_origin }));
  await waitFor("the answer", () => texts(FORWARDS).length > 0);
  expect(questions().at(-1)).toBe("Is this true?\n[Forwarded from Circe] Pigs can fly.");
  expect(texts(FORWARDS)).toEqual(["the answer"]);
});

test("an edit of a message that waits is what is asked, and one of a message that is answered nothing", async () => {
  const { updates } = world.telegram;
  const correct = ({ message }: Update, text: string): Update => {
    const { update_id, edited_message } = updates.edited(EDITS, text);
    return { update_id, edited_message: { ...edited_message, message_id: message?.message_id } } as Update;
  };
  const held = model.hold(undefined, (exchange) => exchange.chunk({ content: "first" }, "stop").end());
  const [before, question] = ["before", "What is the tiem?"].map((text) => updates.direct(EDITS, text));
  if (!before || !question) throw new Error("no updates");
  await deliver(before);
  await held.started;
  await deliver(question, correct(question, "What is the time?"));
  held.release();
  await waitFor("the answers", () => texts(EDITS).length === 2);
  await deliver(correct(question, "What was the time?"));
  expect(questions()).toEqual(["before", "What is the time?"]);
  expect(texts(EDITS)).toEqual(["first", "the answer"]);
});

test("a message that waits gets one of the reactions that bots may set", async () => {
  const { updates } = world.telegram;
  const held = model.hold(undefined, (exchange) => exchange.chunk({ content: "first" }, "stop").end());
  await deliver(updates.direct(WAITS, "one"));
  await held.started;
  await deliver(updates.direct(WAITS, "two"), updates.direct(WAITS, "three"));
  const calls = () => world.telegram.callsOf("setMessageReaction").map(({ body }) => body);
  const set = () => calls().flatMap(({ chat_id, reaction }) => (chat_id === WAITS.id ? [reaction] : []));
  await waitFor("the reactions", () => set().length === 2);
  held.release();
  await waitFor("the answers", () => texts(WAITS).length === 3);
  expect(set()).toEqual(["👀", "😴"].map((emoji) => [{ type: "emoji", emoji }]));
  expect(world.gateway.logs.filter(({ event }) => event === "telegram_reaction_failed")).toEqual([]);
});
