import { describe, expect, test } from "vitest";
import { bind } from "../../../src/platforms/press.ts";
import { telegram } from "../../../src/platforms/telegram/index.ts";
import { webhook } from "../../../src/platforms/telegram/webhook.ts";
import {
  BOT_ID,
  envWith,
  fixture,
  logged,
  ME,
  parse,
  ROUTES,
  refusal,
  SECRET,
  startBotApi,
  tokenOf,
} from "./setup.ts";

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
      Date.now(),
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
    ["my-chat-member", "my_chat_member"],
    ["channel-post", "channel_post"],
    ["group-photo-chatter", "not_addressed"],
    ["from-bot", "from_bot"],
    ["anonymous-admin", "sent_as_chat"],
    ["channel-forwarded-to-group", "sent_as_chat"],
    ["group-chatter", "not_addressed"],
    ["group-unknown-command", "other_bot"],
    ["group-command-at-other-bot", "other_bot"],
    ["forum-topic-chatter", "not_addressed"],
  ])("%s: %s", async (name, reason) => {
    expect(await parse(fixture(name))).toEqual({ kind: "ignored", reason });
  });

  test("a group's move, which is told in both chats, is remembered", async () => {
    const moved = { kind: "moved", from: "-4001234567", to: "-1001987654321" };
    const before = fixture("group-migrated");
    expect(await parse(before)).toEqual(moved);
    const { migrate_to_chat_id, ...message } = before.message;
    const after = {
      ...message,
      chat: { id: -1001987654321, type: "supergroup" },
      migrate_from_chat_id: -4001234567,
    };
    expect(await parse({ ...before, message: after })).toEqual(moved);
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
    for (const type of ["channel", "of a later api", "constructor"]) {
      const chat = { id: -1003333444455, type };
      expect((await parse({ ...update, message: { ...update.message, chat } })).kind).toBe("ignored");
    }
  });
});

describe("the bot's own name", () => {
  test("is asked of Telegram once, and only if a message names somebody", async () => {
    await using api = await startBotApi(ME);
    const env = envWith({ TELEGRAM_API_BASE: api.base, TELEGRAM_BOT_TOKEN: tokenOf(7_000_000_001) });
    for (const name of ["private-text", "private-command", "group-chatter", "group-bare-command"]) {
      await webhook.parse(fixture(name), env, ROUTES, Date.now());
    }
    expect(api.calls).toEqual([]);
    for (let n = 0; n < 3; n++) await webhook.parse(fixture("group-mention"), env, ROUTES, Date.now());
    expect(api.calls.map(({ path }) => path)).toEqual([`/bot${tokenOf(7_000_000_001)}/getMe`]);
  });

  test("if Telegram does not say it, is made up for by the id, or Telegram has to deliver again", async () => {
    await using api = await startBotApi(refusal(502, "Bad Gateway"));
    const env = envWith({ TELEGRAM_API_BASE: api.base, TELEGRAM_BOT_TOKEN: tokenOf(7_000_000_002) });
    const parseHere = (payload: unknown) => webhook.parse(payload, env, ROUTES, Date.now());
    const { value, lines } = await logged(async () => ({
      mention: await parseHere(fixture("group-mention")),
      command: await parseHere(fixture("group-command-at-bot")),
    }));
    expect(value.mention).toEqual({ kind: "later", reason: "bot_name_unknown" });
    expect(value.command).toEqual({ kind: "later", reason: "bot_name_unknown" });
    // Each is asked twice: one lost connection must not cost a mention.
    expect(api.calls.length).toBe(4);
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

test("the stop button of a streamed draft says /stop in its chat", async () => {
  const update = {
    update_id: 77,
    stopped_message_generation: { chat: { id: 42, type: "private", first_name: "Ada" }, draft_id: 5 },
  };
  expect(await webhook.parse(update, envWith({}), ROUTES, Date.now())).toMatchObject({
    kind: "message",
    message: {
      text: "/stop",
      source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
      address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
    },
  });
});

test("a field of no use here, of a shape of its own, does not cost the message", async () => {
  const odd = {
    update_id: 78,
    message: {
      message_id: 1,
      from: { id: 42, is_bot: false, first_name: "Ada" },
      chat: { id: 42, type: "private" },
      text: "hello",
      entities: "none",
      quote: 7,
      photo: { width: "wide" },
    },
  };
  expect(await webhook.parse(odd, envWith({}), ROUTES, Date.now())).toMatchObject({
    message: { text: "hello" },
  });
});

describe("a press on a button", () => {
  /** A press on what the bot's answer in this chat holds, with this as its data. */
  async function press(data: string, answers = ROUTES, held = data) {
    const update = structuredClone(fixture("callback-query")) as unknown as {
      callback_query: { data: string; message: { reply_markup?: object } };
    };
    update.callback_query.data = data;
    update.callback_query.message.reply_markup = {
      inline_keyboard: [[{ text: "page" }], [{ text: "x", callback_data: held }]],
    };
    await using api = await startBotApi({ status: 200, body: { ok: true, result: true } });
    const env = envWith({ TELEGRAM_API_BASE: api.base });
    const event = await webhook.parse(update, env, answers, Date.now());
    if (event.kind === "message") await event.meanwhile?.(env);
    if (event.kind === "background") await event.work(env);
    return { event, calls: api.calls };
  }

  test("is the command that it holds, its answer takes the place of the message, and it is answered at once", async () => {
    const routes = { ...ROUTES, owners: { telegram: ["42"] } };
    const button = bind({ actions: [{ label: "x", command: "/model fast" }] }, "agent:main:telegram:dm:42");
    const { event, calls } = await press(button.actions[0]?.data ?? "", routes);
    expect(event).toMatchObject({
      kind: "message",
      message: {
        delivery_id: `telegram:${BOT_ID}:300100020`,
        source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
        text: "/model fast",
        address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null, edits: 12 },
      },
    });
    expect(calls.map(({ path, params }) => ({ method: path.split("/").at(-1), params }))).toEqual([
      { method: "answerCallbackQuery", params: { callback_query_id: "180388624" } },
    ]);
  });

  test("whose button the message does not have replaces no message: it may be another's", async () => {
    const routes = { ...ROUTES, owners: { telegram: ["42"] } };
    const button = bind({ actions: [{ label: "x", command: "/whoami" }] }, "agent:main:telegram:dm:42");
    const { event } = await press(button.actions[0]?.data ?? "", routes, "another");
    expect(event).toMatchObject({ kind: "message", message: { text: "/whoami" } });
    expect(event.kind === "message" && event.message.address).not.toHaveProperty("edits");
  });

  test("that holds nothing of ours gets a line, and reaches no session", async () => {
    const { event, calls } = await press("m:fast");
    expect(event.kind).toBe("background");
    expect(calls[0]?.params).toEqual({
      callback_query_id: "180388624",
      text: expect.stringContaining("expired"),
      show_alert: true,
    });
  });
});
