import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { say, turn } from "./support/chat.ts";
import { startWorld, type World } from "./support/world.ts";

const OWNER = { id: 42 };
const OTHER_OWNER = { id: 43 };
const STRANGER = { id: 5001 };
const ON_DISCORD = "1417636184355766305";
const NAMES = Array.from({ length: 12 }, (_, n) => `model-${n}`);

const routes = (url: (name: string) => string) => `
model: { default: base-model, provider: custom, base_url: "${url("base")}" }
models: { ${NAMES.map((name) => `${name}: id-of-${name}`).join(", ")} }
owners: { telegram: ["42", "43"], discord: ["${ON_DISCORD}"] }
access: { strangers: answer }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["base"], routes });
});
afterAll(() => world?.stop());

interface InlineButton {
  readonly text: string;
  readonly callback_data: string;
}

/** The buttons below the newest message that the bot sent or edited in a chat. */
function buttonsIn(chat: number): InlineButton[] {
  const shown = world.telegram.calls.findLast(
    ({ method, body }) =>
      ["sendMessage", "editMessageText"].includes(method) && Number(body.chat_id) === chat,
  );
  const markup = shown?.body.reply_markup as { inline_keyboard: InlineButton[][] } | undefined;
  return markup?.inline_keyboard.flat() ?? [];
}

function button(chat: number, label: string): InlineButton {
  const found = buttonsIn(chat).find(({ text }) => text === label);
  if (!found) throw new Error(`no button ${label} among ${buttonsIn(chat).map(({ text }) => text)}`);
  return found;
}

/** Presses a button, and returns how the message with it reads once it has changed. */
async function press(person: { id: number }, label: string): Promise<string> {
  const { telegram, gateway } = world;
  const message = telegram.messagesTo(person.id).at(-1);
  if (!message) throw new Error("no message to press a button of");
  const edits = telegram.callsOf("editMessageText").length;
  const update = telegram.updates.press(person, message.message_id, button(person.id, label).callback_data);
  expect((await telegram.deliver(gateway.url, update)).status).toBe(200);
  await waitFor("the edit", () => telegram.callsOf("editMessageText").length > edits);
  await waitFor("its end", () => telegram.callsOf("editMessageText").at(-1)?.status === 200);
  expect(telegram.messagesTo(person.id).at(-1)?.message_id).toBe(message.message_id);
  return telegram.messagesTo(person.id).at(-1)?.text ?? "";
}

/** The texts with which presses were answered. */
const answered = () => world.telegram.callsOf("answerCallbackQuery").map(({ body }) => body.text);

test("Telegram: /model is a keyboard whose pages and choices change its own message, at once answered", async () => {
  expect(await say(world, OWNER, "/model")).toContain("base-model");
  expect(buttonsIn(OWNER.id)).toHaveLength(11);
  for (const { callback_data } of buttonsIn(OWNER.id)) {
    expect(Buffer.byteLength(callback_data)).toBeLessThanOrEqual(64);
  }
  expect(await press(OWNER, "›")).toContain("/model model-11");
  expect(await press(OWNER, "model-11")).toContain("Model: id-of-model-11");
  expect(answered()).toEqual([undefined, undefined]);
  expect(await say(world, OWNER, "who?")).toBe("id-of-model-11 heard: who?");
  expect(await say(world, OWNER, "/model")).toContain("id-of-model-11");
  expect(await press(OWNER, "Back to the route")).toContain("base-model");
  expect(await say(world, OWNER, "who?")).toBe("base-model heard: who?");
});

test("Telegram: a press that is delivered again changes nothing more", async () => {
  const { telegram, gateway } = world;
  await say(world, OWNER, "/model");
  const message = telegram.messagesTo(OWNER.id).at(-1);
  const { callback_data } = button(OWNER.id, "model-0");
  const update = telegram.updates.press(OWNER, message?.message_id ?? 0, callback_data);
  const edits = telegram.callsOf("editMessageText").length;
  for (let n = 0; n < 3; n++) await telegram.deliver(gateway.url, update);
  expect(await say(world, OWNER, "who?")).toBe("id-of-model-0 heard: who?");
  expect(telegram.callsOf("editMessageText").length - edits).toBe(1);
  await say(world, OWNER, "/model reset");
});

test("Telegram: in a group a picker is its owner's alone, and tells others so", async () => {
  const { telegram, gateway } = world;
  const place = { id: -1_001_000 };
  await telegram.deliver(gateway.url, telegram.updates.group(OWNER, place, "/model@talaria_test_bot"));
  const [shown] = await telegram.waitForMessages(place.id, 1);
  const { callback_data } = button(place.id, "model-1");
  const before = answered().length;
  for (const person of [OTHER_OWNER, STRANGER]) {
    const update = telegram.updates.press(person, shown?.message_id ?? 0, callback_data, place);
    expect((await telegram.deliver(gateway.url, update)).status).toBe(200);
  }
  await waitFor("both answers", () => answered().length === before + 2);
  expect(answered().slice(before)).toEqual([
    expect.stringContaining("somebody else"),
    expect.stringContaining("somebody else"),
  ]);
  expect(telegram.messagesTo(place.id)[0]?.text).toBe(shown?.text);
  const own = telegram.updates.press(OWNER, shown?.message_id ?? 0, callback_data, place);
  await telegram.deliver(gateway.url, own);
  await waitFor("the edit", () => telegram.messagesTo(place.id)[0]?.text.includes("for you in this chat"));
});

test("Telegram: what /undo and /new took away, a button brings back, model and all", async () => {
  const { telegram } = world;
  const person = OTHER_OWNER;
  const questions = () =>
    world
      .endpoint("base")
      .requests()
      .at(-1)
      ?.messages.filter(({ role }) => role === "user")
      .map(({ content }) => content);
  await say(world, person, "/model model-2");
  await turn(world, person, "first");
  await turn(world, person, "second");
  expect(await say(world, person, "/undo")).toContain("second");
  expect(await press(person, "Take it back")).toContain("Taken back");
  expect(buttonsIn(person.id)).toEqual([]);
  expect(await say(world, person, "third")).toBe("id-of-model-2 heard: third");
  expect(questions()).toEqual(["first", "second", "third"]);
  await say(world, person, "/new");
  const { message_id = 0 } = telegram.messagesTo(person.id).at(-1) ?? {};
  const { callback_data } = button(person.id, "Take it back");
  expect(await say(world, person, "fresh")).toBe("base-model heard: fresh");
  expect(questions()).toEqual(["fresh"]);
  await telegram.deliver(world.gateway.url, telegram.updates.press(person, message_id, callback_data));
  await waitFor("the edit", () =>
    telegram.messagesTo(person.id).some(({ text }) => text.startsWith("Taken back: it")),
  );
  expect(await say(world, person, "all?")).toBe("id-of-model-2 heard: all?");
  expect(questions()).toEqual(["first", "second", "third", "fresh", "all?"]);
});

test("Discord: /model is a select menu that changes its own message", async () => {
  const { discord, gateway } = world;
  const where = { user_id: ON_DISCORD, channel_id: "901" };
  const command = discord.interactions.command(where, "model");
  await discord.interact(gateway.url, command);
  const [shown] = await discord.waitForMessages(command, 1);
  const rowsShown = () =>
    discord.callsOf("edit_original").at(-1)?.body.components as {
      components: { custom_id: string; label?: string; options?: { label: string; value: string }[] }[];
    }[];
  const option = rowsShown()[0]?.components[0]?.options?.find(({ label }) => label === "model-4");
  expect(option).toBeDefined();
  const message = { id: shown?.id ?? "", flags: 64 };
  const chosen = { custom_id: "choose", values: [option?.value ?? ""] };
  const pressed = discord.interactions.press(where, message, chosen);
  expect(await discord.interact(gateway.url, pressed)).toMatchObject({ status: 200, body: { type: 6 } });
  const [changed] = await discord.waitForMessages(pressed, 1);
  expect(changed?.content).toContain("Model: id-of-model-4");
  const back = rowsShown()[0]?.components.find(({ label }) => label === "Back to the route");
  const again = discord.interactions.press(where, message, { custom_id: back?.custom_id ?? "" });
  await discord.interact(gateway.url, again);
  expect((await discord.waitForMessages(again, 1))[0]?.content).toContain("base-model");
  const stranger = discord.interactions.press({ ...where, user_id: "77" }, message, chosen);
  expect(await discord.interact(gateway.url, stranger)).toMatchObject({
    body: { type: 4, data: { flags: 64 } },
  });
});
