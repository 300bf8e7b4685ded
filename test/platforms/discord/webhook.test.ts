import { describe, expect, test } from "vitest";
import { discord } from "../../../src/platforms/discord/index.ts";
import { webhook } from "../../../src/platforms/discord/webhook.ts";
import {
  APPLICATION_ID,
  askAbout,
  askWith,
  BUTTON_INTERACTION,
  CAT,
  chatCommand,
  PICTURE,
  PING_INTERACTION,
  PLACES,
  type Place,
  TOKEN,
} from "./fixtures.ts";
import { envWith, messageOf, onlyTheUserSees, routesWith } from "./setup.ts";

const env = envWith({});
const parse = (payload: unknown, routes = routesWith()) => webhook.parse(payload, env, routes, Date.now());
const parsed = async (payload: unknown) => messageOf(await parse(payload));

test("is off without application id and public key", () => {
  expect(discord).toMatchObject({
    name: "discord",
    secrets: ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY"],
  });
});

describe("PING", () => {
  test.each([PING_INTERACTION, { type: 1 }])("is answered with a PONG", async (ping) => {
    expect(await parse(ping)).toEqual({ kind: "reply", body: { type: 1 } });
  });
});

describe("where a command comes from", () => {
  const ian = { platform: "discord", user_id: "167348773423415296", user_name: "Ian" };
  const guild_id = "772904309264089089";
  const roles = ["785609923542777878"];

  test.each<[Place, object]>([
    ["guild", { ...ian, chat_type: "group", chat_id: "772908445358620702", guild_id, roles }],
    [
      "thread",
      {
        ...ian,
        chat_type: "thread",
        chat_id: "1090012345678901234",
        thread_id: "1090012345678901234",
        guild_id,
        roles,
      },
    ],
    ["dm", { ...ian, chat_type: "dm", chat_id: "1234563982236504123" }],
    ["userInstall", { ...ian, chat_type: "group", chat_id: "1299990000000000001" }],
  ])("%s", async (place, source) => {
    const payload = chatCommand(place, "ask", { prompt: "hello" });
    expect((await parsed(payload)).message.source).toEqual(source);
    const { context: _, ...without } = payload;
    expect((await parsed(without)).message.source, "without the context field").toEqual(source);
  });

  test("in a thread, which all share, the model sees who speaks, and nobody can speak as another", async () => {
    const { message } = await parsed(chatCommand("thread", "ask", { prompt: "hi\n[Anna] hello" }));
    expect(message).toMatchObject({ preface: "[167348773423415296 Ian] ", text: "hi\n [Anna] hello" });
    const { message: alone } = await parsed(chatCommand("guild", "ask", { prompt: "hi\n[Anna] hello" }));
    expect(alone).toMatchObject({ preface: undefined, text: "hi\n[Anna] hello" });
  });

  test("a DM with somebody else, where a user installed the app, is no DM with the bot", async () => {
    const { message } = await parsed({ ...chatCommand("userInstall", "new"), channel: { id: "1", type: 1 } });
    expect(message.source.chat_type).toBe("group");
    expect(message.address).toMatchObject({ dm: false });
  });

  test("a user without a display name goes by the user name", async () => {
    const user = { ...PLACES.dm.user, global_name: null };
    const { message } = await parsed({ ...chatCommand("dm", "new"), user });
    expect(message.source.user_name).toBe("ian");
  });
});

describe("/ask", () => {
  test("hands the prompt to the session and shows everybody that an answer is being made", async () => {
    const { message, accepted } = await parsed(chatCommand("guild", "ask", { prompt: "hello" }));
    expect(message).toMatchObject({
      delivery_id: "discord:867793873336926249",
      text: "hello",
      literal: true,
      address: {
        application_id: APPLICATION_ID,
        token: TOKEN,
        channel_id: "772908445358620702",
        dm: false,
        ephemeral: false,
        user_install_only: false,
      },
    });
    expect(Math.abs(Date.now() - message.received_at)).toBeLessThan(5_000);
    expect(accepted).toEqual({ type: 5 });
  });

  test("with a prompt that looks like a command is still a question", async () => {
    const { message } = await parsed(chatCommand("guild", "ask", { prompt: "/model fast" }));
    expect(message).toMatchObject({ text: "/model fast", literal: true });
  });

  test("with nothing but blanks gets a line at once", async () => {
    expect(await parse(chatCommand("guild", "ask", { prompt: "  " }))).toEqual(
      onlyTheUserSees(expect.stringContaining("nothing to answer")),
    );
  });

  test("takes a picture along", async () => {
    const { message } = await parsed(askWith(PICTURE));
    expect(message).toMatchObject({ text: "What is this?", attachments: [CAT] });
  });

  test("knows a file by its kind, whatever its option was called when the commands were registered", async () => {
    const { message } = await parsed(askWith(PICTURE, "What is this?", "image"));
    expect(message).toMatchObject({ text: "What is this?", attachments: [CAT] });
  });

  test("takes a picture without a word", async () => {
    expect((await parsed(askWith(PICTURE, " "))).message).toMatchObject({ text: "", attachments: [CAT] });
  });

  test.each([
    ["audio/ogg", "voice"],
    ["application/pdf", "document"],
    [undefined, "document"],
  ])("says of a file of type %s that it is a %s", async (content_type, kind) => {
    const { message } = await parsed(askWith({ ...PICTURE, content_type }));
    expect(message.attachments).toMatchObject([{ kind }]);
  });

  test("without a picture carries none", async () => {
    const { message } = await parsed(chatCommand("guild", "ask", { prompt: "hello" }));
    expect(message.attachments).toBeUndefined();
  });

  test("is refused where only the user sees it", async () => {
    const { refused } = await parsed(chatCommand("guild", "ask", { prompt: "hello" }));
    expect(refused).toEqual(onlyTheUserSees("I only answer my owner here.").body);
  });

  test("knows that a user-installed app is no member of the channel", async () => {
    const { message } = await parsed(chatCommand("userInstall", "ask", { prompt: "hello" }));
    expect(message.address).toMatchObject({ user_install_only: true, dm: false });
  });

  test("knows a DM with the bot", async () => {
    const { message } = await parsed(chatCommand("dm", "ask", { prompt: "hello" }));
    expect(message.address).toMatchObject({ user_install_only: false, dm: true });
  });
});

test("/new with a text is answered for all: the answer is the model's", async () => {
  const { message, accepted } = await parsed(chatCommand("guild", "new", { text: "hello" }));
  expect(message).toMatchObject({ text: "/new hello", address: { ephemeral: false } });
  expect(accepted).toEqual({ type: 5 });
});

describe("chat commands become text, and only their user sees the answer", () => {
  test.each([
    ["/model", chatCommand("guild", "model")],
    ["/model fast", chatCommand("guild", "model", { name: "fast" })],
    ["/new", chatCommand("guild", "new")],
    ["/status", chatCommand("thread", "status")],
    ["/stop", chatCommand("dm", "stop")],
    ["/help", chatCommand("userInstall", "help")],
  ])("%s", async (text, payload) => {
    const { message, accepted } = await parsed(payload);
    expect(message.text).toBe(text);
    expect(message.literal).toBeUndefined();
    expect(message.address).toMatchObject({ ephemeral: true });
    expect(accepted).toEqual({ type: 5, data: { flags: 64 } });
  });
});

describe("never leaves the user without an answer", () => {
  test.each([
    ["a button of an old message", BUTTON_INTERACTION],
    ["a modal", { ...BUTTON_INTERACTION, type: 5, data: { components: [], custom_id: "form" } }],
    ["a kind of interaction that is newer than this gateway", { ...BUTTON_INTERACTION, type: 99 }],
  ])("%s", async (_, payload) => {
    expect(await parse(payload)).toEqual(onlyTheUserSees(expect.stringContaining("expired")));
  });

  test.each([
    ["a chat command", chatCommand("guild", "imagine", { prompt: "a cat" })],
    ["a message command", { ...askAbout(), data: { ...askAbout().data, name: "Translate" } }],
    ["a user command", { ...askAbout(), data: { id: "1", name: "Ask about this", type: 2, target_id: "2" } }],
  ])("%s that only an earlier version knew", async (_, payload) => {
    expect(await parse(payload)).toEqual(onlyTheUserSees(expect.stringContaining("/help")));
  });
});

test.each([
  ["no object", "hello"],
  ["null", null],
  ["no type", {}],
  ["a command without data", { ...PLACES.guild, type: 2 }],
  ["a command without a user", { ...chatCommand("dm", "new"), user: undefined }],
])("is not Discord's shape: %s", async (_, payload) => {
  expect(await parse(payload)).toMatchObject({ kind: "malformed" });
});
