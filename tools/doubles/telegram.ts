import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import { isObject, parseObject } from "../lib/json.ts";
import { freePort, serveApp } from "../lib/serve.ts";
import { waitFor } from "../lib/wait.ts";
import { FaultPlan } from "./faults.ts";
import { formFields, isForm, isSentFile } from "./form.ts";
import { type ApiAnswer, bad, good, type Method, NOT_MODIFIED, type Parameters } from "./telegram-answers.ts";
import { MessageBoard } from "./telegram-board.ts";
import { GuestBoard } from "./telegram-guests.ts";
import { registrationOf, type TelegramRegistration } from "./telegram-registration.ts";
import { BOT, UpdateFactory } from "./telegram-updates.ts";

/** Longest text of one message, in UTF-16 units (https://core.telegram.org/bots/api#sendmessage). */
const MAX_TEXT = 4096;

/** The same of a rich message (https://core.telegram.org/bots/api#rich-message-formatting-options). */
const MAX_RICH_TEXT = 32_768;

/** What can go wrong with one Bot API call. */
export type TelegramFault =
  | { readonly kind: "rate_limited"; readonly retry_after: number }
  | { readonly kind: "migrated"; readonly to: number }
  | { readonly kind: "blocked" }
  | { readonly kind: "bad_entities" }
  /** As a server that is older than the method says. */
  | { readonly kind: "no_method" }
  | { readonly kind: "unavailable"; readonly status: number }
  /** The message is shown, but the connection ends before the bot hears of it. */
  | { readonly kind: "answer_lost" };

/** One Bot API call, in the order in which they arrived. */
export interface BotCall {
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
  /** HTTP status of the answer; null while there is none. */
  status: number | null;
  /** When it was answered, in the same milliseconds. */
  ended_at: number | null;
  /** What it was answered; null while it is not. */
  answer: Readonly<Record<string, unknown>> | null;
}

export interface SentMessage {
  readonly message_id: number;
  readonly chat_id: string;
  readonly text: string;
  readonly thread_id: number | undefined;
}

/** What the gateway's webhook answered. */
export interface Delivered {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

export interface TelegramDouble {
  /** For `TELEGRAM_API_BASE`. */
  readonly url: string;
  /** All the gateway needs to speak with this double. */
  readonly env: { readonly [name: string]: string };
  readonly updates: UpdateFactory;
  readonly calls: readonly BotCall[];
  /** What the bot is registered with: webhook, commands by scope, privacy mode. */
  readonly registration: TelegramRegistration;
  /** Faults and holds, by Bot API method; any fault of a `download` is a 404. */
  readonly faults: FaultPlan<TelegramFault>;
  /** What bots can download, by file id. */
  readonly files: Map<string, Uint8Array>;
  /** What the bot said as a guest. */
  readonly guests: GuestBoard;
  /** Delivers an update as Telegram does; `secret: null` leaves the header out. */
  deliver(gateway: string, update: unknown, secret?: string | null): Promise<Delivered>;
  /** The bot's messages in a chat, in order, as they read now. */
  messagesTo(chatId: number | string): SentMessage[];
  /** Waits until a chat has this many messages of the bot, and returns them. */
  waitForMessages(chatId: number | string, count: number, timeoutMs?: number): Promise<SentMessage[]>;
  callsOf(method: string): BotCall[];
  stop(): Promise<void>;
}

/**
 * Telegram on 127.0.0.1: telegram-test-api keeps the messages; this proxy in front of it adds what that lacks —
 * token check, limits, groups, typing, command registration, Telegram's own error answers — and plays faults.
 */
export async function startTelegram(): Promise<TelegramDouble> {
  const token = `${BOT.id}:${randomText(35)}`;
  const secret = randomText(32);
  const board = await MessageBoard.start(await freePort(), token);
  const calls: BotCall[] = [];
  const faults = new FaultPlan<TelegramFault>();
  const files = new Map<string, Uint8Array>();
  const guests = new GuestBoard();
  const registration = registrationOf();
  const methods = { ...methodsOf(board, files, guests), ...registration.methods };

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get("/file/:bot/photos/:id", async (c) => {
    const bytes = c.req.param("bot") === `bot${token}` ? files.get(c.req.param("id")) : undefined;
    const fault = await faults.next("download");
    return bytes && !fault ? c.body(Uint8Array.from(bytes)) : give(bad(404, "Not Found"));
  });
  app.on(["GET", "POST"], "/:bot/:method", async (c) => {
    if (c.req.param("bot") !== `bot${token}`) return give(bad(401, "Unauthorized"));
    const method = c.req.param("method");
    const call: BotCall = {
      method,
      body: await parameters(c),
      at: performance.now(),
      status: null,
      ended_at: null,
      answer: null,
    };
    calls.push(call);
    const fault = await faults.next(method);
    const answer = methods[method] ?? (() => bad(404, "Not Found: method not found"));
    if (fault?.kind === "answer_lost") {
      await answer(call.body);
      c.env.outgoing.destroy();
      return RESPONSE_ALREADY_SENT;
    }
    const result = fault === undefined ? await answer(call.body) : faultAnswer(fault);
    call.status = result.status;
    call.ended_at = performance.now();
    call.answer = result.body;
    return give(result);
  });
  const server = await serveApp(app);

  const messagesTo = (chatId: number | string) => board.messages(String(chatId));
  return {
    url: server.url,
    env: {
      TELEGRAM_API_BASE: server.url,
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_WEBHOOK_SECRET: secret,
    },
    updates: new UpdateFactory(),
    calls,
    registration,
    faults,
    files,
    guests,
    async deliver(gateway, update, presented = secret) {
      const started = performance.now();
      const response = await fetch(`${gateway}/webhooks/telegram`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(presented !== null && { "x-telegram-bot-api-secret-token": presented }),
        },
        body: JSON.stringify(update),
      });
      const body = await response.text();
      return { status: response.status, body, ms: performance.now() - started };
    },
    messagesTo,
    waitForMessages: (chatId, count, timeoutMs) =>
      waitFor(
        `${count} messages in chat ${chatId}`,
        () => {
          const found = messagesTo(chatId);
          return found.length >= count && found;
        },
        timeoutMs,
      ),
    callsOf: (method) => calls.filter((call) => call.method === method),
    async stop() {
      await server.close();
      await board.stop();
    },
  };
}

function methodsOf(
  board: MessageBoard,
  files: ReadonlyMap<string, Uint8Array>,
  guests: GuestBoard,
): { readonly [method: string]: Method } {
  const done = () => good(true);
  return {
    sendMessage: async (body) => textProblem(body) ?? good(await board.send(body)),
    sendRichMessage: async (body) =>
      textProblem(readable(body), MAX_RICH_TEXT) ?? good(await board.send(readable(body))),
    sendDocument: async (given) => {
      const body = attached(given);
      return textProblem(body) ?? good(await board.send(body));
    },
    editMessageMedia: async (given) => {
      const body =
        isObject(given.media) && given.media.media === "attach://document" ? attached(given) : given;
      return textProblem(body) ?? good(await board.edit(body));
    },
    answerGuestQuery: (body) => guests.answer(body),
    editMessageText: async (given) => {
      const body = readable(given);
      if (body.inline_message_id !== undefined) return guests.edit(body);
      const most = given.rich_message === undefined ? MAX_TEXT : MAX_RICH_TEXT;
      return textProblem(body, most) ?? (board.reads(body) ? NOT_MODIFIED : good(await board.edit(body)));
    },
    sendMessageDraft: ({ chat_id, draft_id, text = "" }) =>
      Number(chat_id) > 0 && Number(draft_id) !== 0 && String(text).length <= MAX_TEXT
        ? done()
        : bad(400, "Bad Request: TEXTDRAFT_PEER_INVALID"),
    getFile({ file_id }) {
      const file_size = files.get(String(file_id))?.length;
      return file_size === undefined
        ? bad(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        : good({ file_id, file_size, file_path: `photos/${file_id}` });
    },
    sendChatAction: done,
    setMessageReaction: ({ reaction }) =>
      isAllowed(reaction) ? done() : bad(400, "Bad Request: REACTION_INVALID"),
    answerCallbackQuery: done,
  };
}

/** The emoji that a reaction may be (Bot API, ReactionTypeEmoji). */
const REACTIONS = new Set(
  [
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈",
    "😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡",
  ].flatMap((line) => line.split(" ")),
);

/** A bot sets one reaction at most. */
const isAllowed = (reaction: unknown): boolean =>
  Array.isArray(reaction) && reaction.length === 1 && REACTIONS.has(reaction[0]?.emoji);

function faultAnswer(fault: Exclude<TelegramFault, { kind: "answer_lost" }>): ApiAnswer {
  switch (fault.kind) {
    case "rate_limited":
      return bad(429, `Too Many Requests: retry after ${fault.retry_after}`, {
        retry_after: fault.retry_after,
      });
    case "migrated":
      return bad(400, "Bad Request: group chat was upgraded to a supergroup chat", {
        migrate_to_chat_id: fault.to,
      });
    case "blocked":
      return bad(403, "Forbidden: bot was blocked by the user");
    case "bad_entities":
      return bad(400, "Bad Request: can't parse entities: Can't find end of the entity");
    case "no_method":
      return bad(404, "Not Found: method not found");
    case "unavailable":
      return bad(fault.status, "Internal Server Error");
  }
}

function textProblem(body: Parameters, most = MAX_TEXT): ApiAnswer | undefined {
  if (body.chat_id === undefined) return bad(400, "Bad Request: chat_id is empty");
  const { text } = body;
  if (typeof text !== "string" || text.trim() === "") return bad(400, "Bad Request: message text is empty");
  return text.length > most ? bad(400, "Bad Request: message is too long") : undefined;
}

/** A rich message as its Markdown reads. */
const readable = (body: Parameters): Parameters =>
  isObject(body.rich_message) ? { ...body, text: body.rich_message.markdown } : body;

/** A document as the chat shows it; without a file it shows nothing. */
const attached = (body: Parameters): Parameters =>
  isSentFile(body.document) ? { ...body, text: `📎 ${body.document.name}` } : body;

const give = ({ status, body }: ApiAnswer): Response => Response.json(body, { status });

/** The Bot API takes JSON, a form, or a query. */
async function parameters(c: Context): Promise<Parameters> {
  const text = await c.req.text();
  const type = c.req.header("content-type");
  if (isForm(type)) return formFields(text, type);
  return parseObject(text) ?? { ...c.req.query(), ...Object.fromEntries(new URLSearchParams(text)) };
}

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
