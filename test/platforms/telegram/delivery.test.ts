import { describe, expect, test } from "vitest";
import type { Address } from "../../../src/message/message.ts";
import { delivery } from "../../../src/platforms/telegram/delivery.ts";
import { telegram } from "../../../src/platforms/telegram/index.ts";
import { BOT_ID, envWith, logged, type Reply, refusal, SENT, startBotApi, tokenOf } from "./setup.ts";

const PRIVATE: Address = { chat_id: 42, message_thread_id: null, reply_to_message_id: null };
const GROUP: Address = { chat_id: -4001234567, message_thread_id: null, reply_to_message_id: 88 };
const TOPIC: Address = { chat_id: -1002222333344, message_thread_id: 555, reply_to_message_id: 601 };

/** Sends one chunk through a Bot API that replies so; returns what became of it, and what was called. */
async function send(text: string, address: Address, replies: Reply[] = [SENT], index = 0) {
  await using api = await startBotApi(...replies);
  const env = envWith({ TELEGRAM_API_BASE: `${api.base}/` });
  const result = await delivery.send({ index, count: index + 1, text }, address, "key", env);
  return { result, calls: api.calls };
}

describe("a message is sent", () => {
  test("as plain text to the letter, without a link preview", async () => {
    const text = "[claude-opus_5] 2 * 3 < 4 & https://a.example/_x_\n  indented";
    const { result, calls } = await send(text, PRIVATE);
    expect(result).toEqual({ kind: "sent", message_id: "900" });
    expect(calls.map(({ path }) => path)).toEqual([`/bot${tokenOf(BOT_ID)}/sendMessage`]);
    expect(calls[0]?.params).toEqual({ chat_id: 42, text, link_preview_options: { is_disabled: true } });
    expect(calls[0]?.headers["content-type"]).toBe("application/json");
  });

  test("with Markdown as entities, and no parse mode that could fail", async () => {
    const [chunk = ""] = delivery.split("🌱 **bold** `a_b`");
    const { calls } = await send(chunk, PRIVATE);
    expect(calls[0]?.params).toMatchObject({
      text: "🌱 bold a_b",
      entities: [
        { type: "bold", offset: 3, length: 4 },
        { type: "code", offset: 8, length: 3 },
      ],
    });
    expect(calls[0]?.params).not.toHaveProperty("parse_mode");
  });

  test("in a group as a reply, and only the first of an answer", async () => {
    const first = await send("one", GROUP);
    expect(first.calls[0]?.params.reply_parameters).toEqual({
      message_id: 88,
      allow_sending_without_reply: true,
    });
    const second = await send("two", GROUP, [SENT], 1);
    expect(second.calls[0]?.params).not.toHaveProperty("reply_parameters");
  });

  test("into its topic, where General is named by naming none", async () => {
    expect((await send("x", TOPIC)).calls[0]?.params.message_thread_id).toBe(555);
    const general = await send("x", { ...TOPIC, message_thread_id: 1 });
    expect(general.calls[0]?.params).not.toHaveProperty("message_thread_id");
  });
});

describe("a failure that can be cured is cured at once:", () => {
  test("a group that became a supergroup, where the reply's id means nothing", async () => {
    const upgraded = refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", {
      migrate_to_chat_id: -1001987654321,
    });
    const { result, calls } = await send("hi", GROUP, [upgraded, SENT]);
    expect(result).toEqual({
      kind: "sent",
      message_id: "900",
      address: { chat_id: -1001987654321, message_thread_id: null, reply_to_message_id: null },
    });
    expect(calls.map(({ params }) => params.chat_id)).toEqual([-4001234567, -1001987654321]);
    expect(calls[1]?.params).not.toHaveProperty("reply_parameters");
  });

  test("and the new address is kept though the second try has to wait", async () => {
    const upgraded = refusal(400, "Bad Request: upgraded", { migrate_to_chat_id: -1001987654321 });
    const { result } = await send("hi", GROUP, [
      upgraded,
      refusal(429, "Too Many Requests", { retry_after: 2 }),
    ]);
    expect(result).toMatchObject({ kind: "retry", after_ms: 2_000, address: { chat_id: -1001987654321 } });
  });

  test("a deleted topic", async () => {
    const { result, calls } = await send("hi", TOPIC, [
      refusal(400, "Bad Request: message thread not found"),
      SENT,
    ]);
    expect(result).toMatchObject({ kind: "sent", address: { message_thread_id: null } });
    expect(calls[1]?.params).not.toHaveProperty("message_thread_id");
  });

  test("a deleted question", async () => {
    const { result, calls } = await send("hi", TOPIC, [
      refusal(400, "Bad Request: message to be replied not found"),
      SENT,
    ]);
    expect(result.kind).toBe("sent");
    expect(calls[1]?.params).not.toHaveProperty("reply_parameters");
    expect(calls[1]?.params.message_thread_id).toBe(555);
  });

  test.each(["Bad Request: can't parse entities: bad offset", "Bad Request: ENTITIES_TOO_LONG"])(
    "%s, by sending the text without styles",
    async (description) => {
      const [chunk = ""] = delivery.split("**hi**");
      const { result, calls } = await send(chunk, PRIVATE, [refusal(400, description), SENT]);
      expect(result).toEqual({ kind: "sent", message_id: "900" });
      expect(calls[1]?.params.text).toBe("hi");
      expect(calls[1]?.params).not.toHaveProperty("entities");
    },
  );

  test("but not for ever", async () => {
    const moving = Array.from({ length: 20 }, (_, n) => refusal(400, "moved", { migrate_to_chat_id: -n }));
    const { result, calls } = await send("hi", GROUP, moving);
    expect(result.kind).toBe("failed");
    expect(calls.length).toBeLessThan(10);
    const plain = await send("hi", PRIVATE, [refusal(400, "Bad Request: can't parse entities")]);
    expect(plain.result.kind).toBe("failed");
    expect(plain.calls.length).toBe(1);
  });
});

describe("what was certainly not shown is to be tried again:", () => {
  test("after exactly as long as Telegram asks", async () => {
    const flood = refusal(429, "Too Many Requests: retry after 17", { retry_after: 17 });
    expect((await send("hi", PRIVATE, [flood])).result).toEqual({
      kind: "retry",
      after_ms: 17_000,
      detail: "sendMessage flood: 429 Too Many Requests: retry after 17",
    });
  });

  test("when Telegram or what is in front of it is down", async () => {
    expect((await send("hi", PRIVATE, [refusal(500, "Internal Server Error")])).result.kind).toBe("retry");
    const page = { status: 502, body: "<html>Bad Gateway</html>" };
    expect((await send("hi", PRIVATE, [page])).result).toEqual({
      kind: "retry",
      uncertain: true,
      detail: "sendMessage gateway: 502 no description",
    });
  });

  test("when the connection is lost, though Telegram can be reached: it may have been shown", async () => {
    const { result } = await send("hi", PRIVATE, ["drop", { status: 200, body: { ok: true, result: {} } }]);
    expect(result).toMatchObject({ kind: "retry", uncertain: true });
  });

  test("when Telegram cannot be reached at all", async () => {
    expect((await send("hi", PRIVATE, ["drop", "drop"])).result).not.toHaveProperty("uncertain");
    const closed = await startBotApi();
    await closed[Symbol.asyncDispose]();
    const env = envWith({ TELEGRAM_API_BASE: closed.base });
    const result = await delivery.send({ index: 0, count: 1, text: "hi" }, PRIVATE, "key", env);
    expect(result.kind).toBe("retry");
  });
});

describe("what will never succeed, or may have, is not tried again:", () => {
  test.each([
    [403, "Forbidden: bot was blocked by the user"],
    [400, "Bad Request: chat not found"],
    [401, "Unauthorized"],
    [404, "Not Found"],
  ])("%i %s", async (code, description) => {
    expect((await send("hi", PRIVATE, [refusal(code, description)])).result).toEqual({
      kind: "failed",
      detail: `sendMessage refused: ${code} ${description}`,
    });
  });

  test("an answer that cannot be read", async () => {
    for (const body of ["<html>", { ok: true }, { ok: true, result: true }]) {
      const { result, calls } = await send("hi", PRIVATE, [{ status: 200, body }]);
      expect(result.kind).toBe("failed");
      expect(calls.length).toBe(1);
    }
  });

  test("an address of another platform", async () => {
    const { result, calls } = await send("hi", { channel: "42" });
    expect(result.kind).toBe("failed");
    expect(calls).toEqual([]);
  });
});

test("no token and no text ever stand in a detail", async () => {
  const token = tokenOf(BOT_ID);
  const replies: Reply[] = [
    "drop",
    refusal(400, `no such method: /bot${token}/sendMessage`),
    { status: 302, body: token },
  ];
  for (const reply of replies) {
    const { result } = await send("secret words", PRIVATE, [reply]);
    expect(JSON.stringify(result)).not.toContain(token.slice(11));
    expect(JSON.stringify(result)).not.toContain("secret words");
  }
});

test("a redirect is not followed: no other host sees the text", async () => {
  await using elsewhere = await startBotApi(SENT);
  for (const status of [302, 307]) {
    const { result } = await send("hi", PRIVATE, [{ status, body: "", location: `${elsewhere.base}/x` }]);
    expect(result.kind).toBe("failed");
  }
  expect(elsewhere.calls).toEqual([]);
});

describe("while an answer is made", () => {
  test("the chat shows that the bot is typing, in the topic, General included", async () => {
    await using api = await startBotApi({ status: 200, body: { ok: true, result: true } });
    const env = envWith({ TELEGRAM_API_BASE: api.base });
    for (const address of [PRIVATE, TOPIC, { ...TOPIC, message_thread_id: 1 }]) {
      await delivery.working?.show(address, env);
    }
    expect(api.calls.map(({ params }) => params)).toEqual([
      { chat_id: 42, action: "typing" },
      { chat_id: -1002222333344, message_thread_id: 555, action: "typing" },
      { chat_id: -1002222333344, message_thread_id: 1, action: "typing" },
    ]);
    expect(delivery.working?.every_ms).toBeLessThan(5_000);
  });

  test("a failure to show it does no harm, and is logged without the token", async () => {
    for (const reply of [refusal(403, "Forbidden"), "drop"] satisfies Reply[]) {
      await using api = await startBotApi(reply);
      const env = envWith({ TELEGRAM_API_BASE: api.base });
      const { lines } = await logged(async () => delivery.working?.show(PRIVATE, env));
      expect(lines.length).toBe(1);
      expect(lines[0]).toContain("telegram_typing_failed");
      expect(lines[0]).not.toContain(tokenOf(BOT_ID).slice(11));
    }
    await delivery.working?.show({}, envWith({}));
  });
});

test("an answer is split at what one message takes", () => {
  expect(telegram.delivery.split("short")).toEqual(["short"]);
  const chunks = telegram.delivery.split("word ".repeat(2_000));
  expect(chunks.length).toBe(3);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(4_096);
});
