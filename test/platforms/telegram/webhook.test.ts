import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../../src/commands/index.ts";
import { COMMAND_NAMES } from "../../../src/commands/names.ts";
import { telegram } from "../../../src/platforms/telegram/index.ts";
import { webhook } from "../../../src/platforms/telegram/webhook.ts";
import type { CompiledRoutes } from "../../../src/routing/types.ts";
import { BOT_ID, envWith, fixture, logged, refusal, SECRET, startBotApi, tokenOf } from "./setup.ts";

const ROUTES: CompiledRoutes = {
  hash: "000000000000",
  base: { model: "base", provider: "echo", base_url: null, api_key: null, api_mode: "chat_completions" },
  rules: [],
  index: [],
  models: {},
  owners: {},
  homes: {},
  access: { strangers: "ignore", hub_peers: "answer", commands: { model: ["owner"] } },
  system_prompt: null,
  history_tokens: 4_000,
};
const ME = {
  status: 200,
  body: { ok: true, result: { id: BOT_ID, is_bot: true, username: "TalariaTestBot" } },
};

/** What an update becomes, with a Bot API that knows the fixtures' bot. */
async function parse(payload: unknown) {
  await using api = await startBotApi(ME);
  return await webhook.parse(payload, envWith({ TELEGRAM_API_BASE: api.base }), ROUTES);
}

async function messageOf(payload: unknown) {
  const event = await parse(payload);
  if (event.kind !== "message") throw new Error(`${event.kind}: ${JSON.stringify(event)}`);
  return event.message;
}

test("the platform is off without its token and its secret", () => {
  expect(telegram.name).toBe("telegram");
  expect(telegram.secrets).toEqual(["TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"]);
});

describe("a request is authentic", () => {
  const verify = (header: string | null, secret: string) =>
    webhook.verify(
      new Request("https://gateway.example/webhooks/telegram", {
        method: "POST",
        headers: header === null ? {} : { "X-Telegram-Bot-Api-Secret-Token": header },
      }),
      envWith({ TELEGRAM_WEBHOOK_SECRET: secret }),
    );

  test("with the secret that setWebhook was given, and no other", async () => {
    expect(await verify(SECRET, SECRET)).toBe(true);
    expect(await verify(`${SECRET}x`, SECRET)).toBe(false);
    expect(await verify(SECRET.toUpperCase(), SECRET)).toBe(false);
    expect(await verify("", SECRET)).toBe(false);
    expect(await verify(null, SECRET)).toBe(false);
  });

  test("never while no secret is set", async () => {
    expect(await verify("", "")).toBe(false);
    expect(await verify("undefined", "")).toBe(false);
  });
});

describe("what is no update is malformed", () => {
  test.each([
    [null],
    [[]],
    ["text"],
    [42],
    [{}],
    [{ update_id: "1" }],
    [{ update_id: 1.5 }],
    [{ message: { text: "hi" } }],
    [{ update_id: 1, message: null }],
    [{ update_id: 1, message: { message_id: 1, text: "no chat" } }],
    [{ update_id: 1, message: { message_id: 1, chat: { id: "42", type: "private" }, text: "hi" } }],
  ])("%j", async (payload) => {
    expect((await parse(payload)).kind).toBe("malformed");
  });

  test("and the detail names the field, never its value", async () => {
    const update = fixture("private-text");
    update.message.text = { private: "words" };
    const event = await parse(update);
    expect(event).toEqual({ kind: "malformed", detail: "message.text" });
  });
});

describe("of no use here, and so ignored, is", () => {
  test.each([
    ["edited-message", "edited_message"],
    ["callback-query", "callback_query"],
    ["my-chat-member", "my_chat_member"],
    ["channel-post", "channel_post"],
    ["group-migrated", "no_text"],
    ["private-voice", "no_text"],
    ["from-bot", "from_bot"],
    ["anonymous-admin", "sent_as_chat"],
    ["channel-forwarded-to-group", "sent_as_chat"],
    ["group-chatter", "not_addressed"],
    ["group-unknown-command", "not_addressed"],
    ["group-command-at-other-bot", "other_bot"],
    ["forum-topic-chatter", "not_addressed"],
  ])("%s: %s", async (name, reason) => {
    expect(await parse(fixture(name))).toEqual({ kind: "ignored", reason });
  });

  test("an update of a kind that is not known yet", async () => {
    expect(await parse({ update_id: 5, brand_new: {} })).toEqual({ kind: "ignored", reason: "brand_new" });
    expect(await parse({ update_id: 5 })).toEqual({ kind: "ignored", reason: "empty" });
  });

  test("a command for another bot in a private chat, too", async () => {
    const update = fixture("private-command");
    update.message.text = "/model@WeatherBot fast";
    update.message.entities = [{ offset: 0, length: 17, type: "bot_command" }];
    expect(await parse(update)).toEqual({ kind: "ignored", reason: "other_bot" });
  });

  test("a message of a channel, and one without a sender", async () => {
    const update = fixture("private-text");
    expect(await parse({ ...update, message: { ...update.message, from: undefined } })).toEqual({
      kind: "ignored",
      reason: "no_sender",
    });
    const chat = { id: -1003333444455, type: "channel" };
    expect((await parse({ ...update, message: { ...update.message, chat } })).kind).toBe("ignored");
  });
});

describe("a message in a private chat", () => {
  test("is for the bot, and goes back to that chat without replying to it", async () => {
    const before = Date.now();
    const event = await parse(fixture("private-text"));
    expect(event).toEqual({
      kind: "message",
      message: {
        delivery_id: `telegram:${BOT_ID}:300100001`,
        source: {
          platform: "telegram",
          chat_type: "dm",
          chat_id: "42",
          user_id: "42",
          user_name: "Anna Bauer",
          thread_id: undefined,
        },
        text: "What is in season?",
        preface: undefined,
        address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
        received_at: expect.any(Number),
      },
      accepted: { ok: true },
      refused: { ok: true },
    });
    const { received_at } = await messageOf(fixture("private-text"));
    expect(received_at).toBeGreaterThanOrEqual(before);
    expect(received_at).toBeLessThanOrEqual(Date.now());
  });

  test("keeps a command as it was typed", async () => {
    expect((await messageOf(fixture("private-command"))).text).toBe("/model fast");
  });

  test("may be a caption", async () => {
    expect((await messageOf(fixture("private-photo-caption"))).text).toBe("Which beetle is this?");
  });

  test("in a topic is a thread of its own, and is answered there, without naming the speaker", async () => {
    const message = await messageOf(fixture("private-topic"));
    expect(message.source).toMatchObject({ chat_type: "dm", chat_id: "42", thread_id: "9" });
    expect(message.address.message_thread_id).toBe(9);
    expect(message.preface).toBeUndefined();
  });

  test("keeps an id of 52 bits to the last digit", async () => {
    const update = fixture("private-text");
    update.message.from = { id: 4503599627370495, is_bot: false, first_name: "Far" };
    expect((await messageOf(update)).source.user_id).toBe("4503599627370495");
  });
});

describe("a message in a group is for the bot", () => {
  test("if it mentions it by name, whatever the case, and the name is left out", async () => {
    const message = await messageOf(fixture("group-mention"));
    expect(message.text).toBe("🌱🌱 what is @annab growing?");
    expect(message.source).toMatchObject({
      chat_type: "group",
      chat_id: "-4001234567",
      user_id: "5000000123",
    });
    expect(message.source.thread_id).toBeUndefined();
    expect(message.preface).toBeUndefined();
    expect(message.address).toEqual({
      chat_id: -4001234567,
      message_thread_id: null,
      reply_to_message_id: 88,
    });
  });

  test("if it mentions it by id", async () => {
    expect((await messageOf(fixture("group-text-mention"))).text).toBe("what now?");
  });

  test("if it mentions it in a caption", async () => {
    expect((await messageOf(fixture("group-photo-caption"))).text).toBe("which beetle?");
  });

  test("if it replies to it, and the model sees to what", async () => {
    const message = await messageOf(fixture("group-reply-to-bot"));
    expect(message.text).toBe("And in May?");
    expect(message.preface).toBe('[Replying to: "Leeks and kale."]\n\n');
  });

  test("if it is a command for it, which then reads as if typed in private", async () => {
    expect((await messageOf(fixture("group-command-at-bot"))).text).toBe("/model fast");
  });

  test("if it is a bare command that the gateway knows", async () => {
    expect((await messageOf(fixture("group-bare-command"))).text).toBe("/model");
    expect([...COMMAND_NAMES].sort()).toEqual(
      COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]).sort(),
    );
  });

  test("and a mere mention stays, so that the model is asked something", async () => {
    const update = fixture("group-mention");
    update.message.text = "@TalariaTestBot";
    update.message.entities = [{ offset: 0, length: 15, type: "mention" }];
    expect((await messageOf(update)).text).toBe("@TalariaTestBot");
  });

  test("and a mention in the middle leaves one space", async () => {
    const update = fixture("group-mention");
    update.message.text = "tell me @TalariaTestBot about leeks @TalariaTestBot";
    update.message.entities = [
      { offset: 8, length: 15, type: "mention" },
      { offset: 36, length: 15, type: "mention" },
    ];
    expect((await messageOf(update)).text).toBe("tell me about leeks");
  });
});

describe("threads", () => {
  test("a forum topic is one, where the model sees who speaks", async () => {
    const message = await messageOf(fixture("forum-topic-mention"));
    expect(message.text).toBe("cut these?");
    expect(message.source).toMatchObject({ chat_type: "group", thread_id: "555" });
    expect(message.address).toMatchObject({ chat_id: -1002222333344, message_thread_id: 555 });
    expect(message.preface).toBe("[Anna Bauer] ");
  });

  test("a forum's messages outside topics are in General", async () => {
    const message = await messageOf(fixture("forum-general-mention"));
    expect(message.source.thread_id).toBe("1");
    expect(message.address.message_thread_id).toBe(1);
    expect(message.preface).toBe("[Ben] ");
  });

  test("a chain of plain replies is none, and what is quoted stands for the message replied to", async () => {
    const message = await messageOf(fixture("supergroup-reply-thread"));
    expect(message.source.thread_id).toBeUndefined();
    expect(message.address.message_thread_id).toBeNull();
    expect(message.preface).toBe('[Replying to: "They never survive a winter"]\n\n');
  });

  test("what is replied to comes before who speaks, and is cut after 500 characters", async () => {
    const update = fixture("forum-topic-mention");
    update.message.reply_to_message = { from: { id: 8 }, text: "🌱".repeat(501) };
    expect((await messageOf(update)).preface).toBe(`[Replying to: "${"🌱".repeat(500)}"]\n\n[Anna Bauer] `);
  });
});

describe("the bot's own name", () => {
  test("is asked of Telegram once, and only if a message names somebody", async () => {
    await using api = await startBotApi(ME);
    const env = envWith({ TELEGRAM_API_BASE: api.base, TELEGRAM_BOT_TOKEN: tokenOf(7_000_000_001) });
    for (const name of ["private-text", "private-command", "group-chatter", "group-bare-command"]) {
      await webhook.parse(fixture(name), env, ROUTES);
    }
    expect(api.calls).toEqual([]);
    for (let n = 0; n < 3; n++) await webhook.parse(fixture("group-mention"), env, ROUTES);
    expect(api.calls.map(({ path }) => path)).toEqual([`/bot${tokenOf(7_000_000_001)}/getMe`]);
  });

  test("if Telegram does not say it, is made up for by the id, logged, and asked again", async () => {
    await using api = await startBotApi(refusal(502, "Bad Gateway"));
    const env = envWith({ TELEGRAM_API_BASE: api.base, TELEGRAM_BOT_TOKEN: tokenOf(7_000_000_002) });
    const parseHere = (payload: unknown) => webhook.parse(payload, env, ROUTES);
    const { value, lines } = await logged(async () => ({
      mention: await parseHere(fixture("group-mention")),
      command: await parseHere(fixture("group-command-at-bot")),
    }));
    expect(value.mention).toEqual({ kind: "ignored", reason: "not_addressed" });
    expect(value.command).toEqual({ kind: "ignored", reason: "other_bot" });
    expect(api.calls.length).toBe(2);
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(Array(2).fill("telegram_get_me_failed"));

    const byId = fixture("group-mention");
    byId.message.entities = [
      { offset: 5, length: 15, type: "text_mention", user: { id: 7_000_000_002 } },
      { offset: 30, length: 6, type: "mention" },
    ];
    const inPrivate = fixture("private-command");
    inPrivate.message.text = "/model@TalariaTestBot fast";
    inPrivate.message.entities = [{ offset: 0, length: 21, type: "bot_command" }];
    const { value: later } = await logged(async () => [await parseHere(byId), await parseHere(inPrivate)]);
    expect(later).toMatchObject([{ kind: "message" }, { kind: "message", message: { text: "/model fast" } }]);
  });
});
