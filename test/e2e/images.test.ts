import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { say, turn } from "./support/chat.ts";
import { secretsInLog, secretsSent } from "./support/leaks.ts";
import { startWorld, type World } from "./support/world.ts";

const PERSON = { id: 9601 };
const RESPONSES = { id: 9602 };
const MESSAGES = { id: 9603 };
const BLIND = { id: 9604 };
const ECHO = { id: 9605 };
const DISCORD = { user_id: "1417636184355766305", channel_id: "900", guild_id: "800" };

const KEYS = {
  TEXT_KEY: "sk-text-0123456789abcdef",
  VISION_KEY: "sk-vision-0123456789abcdef",
  SPARE_KEY: "sk-spare-0123456789abcdef",
};
const MB = 1024 * 1024;

const routes = (url: (name: string) => string) => {
  const vision = `model: vision-model, base_url: "${url("vision")}", api_key: "\${VISION_KEY}"`;
  return `
model:
  default: text-model
  provider: custom
  base_url: ${url("text")}
  api_key: \${TEXT_KEY}
  routes:
    - { match: { user_id: "${BLIND.id}" }, model: blind-model, images: false }
    - { match: { user_id: "${ECHO.id}" }, model: echo-model, provider: echo }
    - { match: { user_id: "${RESPONSES.id}" }, ${vision}, api_mode: responses }
    - { match: { user_id: "${MESSAGES.id}" }, ${vision}, api_mode: anthropic_messages }
    - match: { modality: image }
      model: vision-model
      base_url: ${url("vision")}
      api_key: \${VISION_KEY}
      fallbacks:
        - { model: blind-spare, base_url: "${url("text")}", api_key: "\${TEXT_KEY}", images: false }
        - { model: spare-model, base_url: "${url("spare")}", api_key: "\${SPARE_KEY}" }
access: { strangers: answer }
`;
};

let world: World;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["text", "vision", "spare"], routes, env: KEYS });
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.telegram.faults.clear();
  for (const endpoint of Object.values(world.endpoints)) {
    endpoint.clear();
    endpoint.answer(({ model, text }) => `${model} saw it: ${text}`);
  }
});

const asked = (name: string) => world.endpoint(name).requests();
const lastContent = (name: string) => asked(name).at(-1)?.messages.at(-1)?.content;
const calls = () => ["text", "vision", "spare"].map((name) => asked(name).length);

const JPEG = [0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A file of this size that begins as its kind does; the rest is every byte there is. */
function file(start: readonly number[], size = 200_000): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) % 256);
  bytes.set(start);
  return bytes;
}
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

let photos = 0;
/** A photo that somebody sends, with its file where bots find it. */
function photo(person: { id: number }, bytes: Uint8Array, caption?: string) {
  const id = `photo-${photos++}`;
  world.telegram.files.set(id, bytes);
  return world.telegram.updates.photo(person, id, caption);
}

test("a photo goes to the model that the route gives pictures, byte for byte, beside its caption", async () => {
  const bytes = file(JPEG);
  const { said, log } = await turn(world, PERSON, photo(PERSON, bytes, "What is this?"));
  expect(said).toBe("vision-model saw it: What is this?");
  expect(log).toMatchObject({ outcome: "ok", model: "vision-model", route: "routes[4] line 12" });
  expect(lastContent("vision")).toEqual([
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url: `data:image/jpeg;base64,${base64(bytes)}` } },
  ]);
  expect(asked("vision")[0]?.key).toBe(KEYS.VISION_KEY);
  // The same person's words go where words go, and the picture is named there, not sent again.
  expect(await say(world, PERSON, "thanks")).toBe("text-model saw it: thanks");
  expect(calls()).toEqual([1, 1, 0]);
  expect(asked("text")[0]?.messages.map(({ content }) => content)).toEqual([
    "[image] What is this?",
    "vision-model saw it: What is this?",
    "thanks",
  ]);
});

test("the Responses API and Anthropic's get it in their own form", async () => {
  const bytes = file(PNG);
  await say(world, RESPONSES, photo(RESPONSES, bytes, "What is this?"));
  expect(lastContent("vision")).toEqual([
    { type: "input_text", text: "What is this?" },
    { type: "input_image", image_url: `data:image/png;base64,${base64(bytes)}` },
  ]);
  await say(world, MESSAGES, photo(MESSAGES, bytes));
  expect(lastContent("vision")).toEqual([
    { type: "image", source: { type: "base64", media_type: "image/png", data: base64(bytes) } },
  ]);
});

test("a picture close to the limit comes through, a larger one gets a line and calls nobody", async () => {
  const large = file(JPEG, 5 * MB - 1);
  await say(world, PERSON, photo(PERSON, large, "big"));
  expect(JSON.stringify(lastContent("vision"))).toContain(base64(large));
  expect(await say(world, PERSON, photo(PERSON, file(JPEG, 5 * MB + 1), "too big"))).toBe(
    "That picture is too large for me: 5 MB at most.",
  );
  expect(calls()).toEqual([0, 1, 0]);
});

test.each([
  ["images: false", BLIND],
  ["provider echo", ECHO],
])("%s: one clear line, and nobody is called", async (_, person) => {
  const { said, log } = await turn(world, person, photo(person, file(JPEG), "Look!"));
  expect(said).toBe(
    "This chat's model cannot look at pictures. Send text, or choose another model with /model.",
  );
  expect(log).toMatchObject({ level: "info", outcome: "declined" });
  expect(calls()).toEqual([0, 0, 0]);
  expect(world.telegram.callsOf("getFile").map(({ body }) => body.file_id)).not.toContain(
    `photo-${photos - 1}`,
  );
});

test("what is no picture, or is gone, or is a voice message, gets one line each", async () => {
  expect(await say(world, PERSON, photo(PERSON, file([0x25, 0x50, 0x44, 0x46]), "a PDF"))).toMatch(
    /^I cannot look at this kind of picture: JPEG, PNG, WebP or GIF/,
  );
  expect(await say(world, PERSON, world.telegram.updates.photo(PERSON, "deleted", "gone"))).toMatch(
    /^That picture is no longer there\./,
  );
  world.telegram.faults.fail("download", { kind: "unavailable", status: 404 });
  expect(await say(world, PERSON, photo(PERSON, file(JPEG), "gone too"))).toMatch(
    /^That picture is no longer there\./,
  );
  const voice = { file_id: "voice", file_unique_id: "v", duration: 3, mime_type: "audio/ogg" };
  expect(await say(world, PERSON, world.telegram.updates.file(PERSON, { voice }))).toBe(
    "I cannot listen to voice messages here. Please write it instead.",
  );
  expect(calls()).toEqual([0, 0, 0]);
});

test("a picture that a message replies to is looked at", async () => {
  const bytes = file(JPEG);
  const question = world.telegram.updates.reply(PERSON, photo(PERSON, bytes), "what is it?");
  expect(await say(world, PERSON, question)).toBe("vision-model saw it: what is it?");
  expect(JSON.stringify(lastContent("vision"))).toContain(base64(bytes));
});

test("a fallback gets the picture too, one that takes none is passed over", async () => {
  const bytes = file(JPEG);
  world.endpoint("vision").failNext(1, 401);
  expect(await say(world, PERSON, photo(PERSON, bytes, "and you?"))).toBe("spare-model saw it: and you?");
  expect(calls()).toEqual([0, 1, 1]);
  expect(JSON.stringify(lastContent("spare"))).toContain(base64(bytes));
  expect(secretsSent(asked("spare"), world)).toEqual(["SPARE_KEY"]);
});

test("/stop ends a picture's download, and no model is called", async () => {
  const { telegram, gateway } = world;
  const before = telegram.callsOf("getFile").length;
  const release = telegram.faults.hold("download");
  await telegram.deliver(gateway.url, photo(PERSON, file(JPEG), "slow"));
  await waitFor("getFile", () => telegram.callsOf("getFile").length > before);
  expect(await say(world, PERSON, "/stop")).toBe("Stopped.");
  expect(await say(world, PERSON, "next")).toBe("text-model saw it: next");
  release();
  expect(calls()).toEqual([1, 0, 0]);
});

test("a picture given to /ask on Discord, and one in a message that is asked about", async () => {
  const { discord, gateway } = world;
  const bytes = file(PNG);
  const picture = discord.upload("cat.png", "image/png", bytes);
  const ask = discord.interactions.command(DISCORD, "ask", { prompt: "What is this?" }, { file: picture });
  await discord.interact(gateway.url, ask);
  expect((await discord.waitForMessages(ask, 1))[0]?.content).toBe("vision-model saw it: What is this?");
  const part = { type: "image_url", image_url: { url: `data:image/png;base64,${base64(bytes)}` } };
  expect(lastContent("vision")).toContainEqual(part);

  const about = discord.interactions.messageCommand(DISCORD, "Ask about this", "My cat.", {
    files: [picture],
  });
  await discord.interact(gateway.url, about);
  await discord.waitForMessages(about, 1);
  expect(lastContent("vision")).toContainEqual(part);
  expect(JSON.stringify(lastContent("vision"))).toContain("My cat.");
  // Its address is its only credential: the bot's is not shown to the CDN.
  expect(discord.callsOf("download").map(({ authorization }) => authorization)).toEqual([
    undefined,
    undefined,
  ]);
});

test("the bot's token is in nothing that the gateway writes or asks a model", async () => {
  await turn(world, PERSON, photo(PERSON, file(JPEG), "once more"));
  expect(secretsSent(asked("vision"), world)).toEqual(["VISION_KEY"]);
  expect(secretsInLog(world)).toEqual([]);
  expect(world.gateway.output.join("\n")).not.toContain("/file/bot");
});
