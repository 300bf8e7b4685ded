import type { IncomingMessage, ServerResponse } from "node:http";
import { parseObject } from "../lib/json.ts";
import { freePort, readText, sendJson, serve } from "../lib/serve.ts";
import { waitFor } from "../lib/wait.ts";
import { FaultPlan } from "./faults.ts";
import { MessageBoard } from "./telegram-board.ts";
import { BOT, UpdateFactory } from "./telegram-updates.ts";

/** Longest text of one message, in UTF-16 units (https://core.telegram.org/bots/api#sendmessage). */
const MAX_TEXT = 4096;

/** What can go wrong with one Bot API call. */
export type TelegramFault =
  | { readonly kind: "rate_limited"; readonly retry_after: number }
  | { readonly kind: "migrated"; readonly to: number }
  | { readonly kind: "blocked" }
  | { readonly kind: "bad_entities" }
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
  /** Faults and holds, by Bot API method; any fault of a `download` is a 404. */
  readonly faults: FaultPlan<TelegramFault>;
  /** What bots can download, by file id. */
  readonly files: Map<string, Uint8Array>;
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
  let webhook: Record<string, unknown> = { url: "" };

  const answer = async (method: string, body: Record<string, unknown>): Promise<ApiAnswer> => {
    switch (method) {
      case "getMe":
        return good({ ...BOT, is_bot: true, can_join_groups: true, can_read_all_group_messages: false });
      case "sendMessage":
        return textProblem(body) ?? good(await board.send(body));
      case "editMessageText":
        return textProblem(body) ?? good(await board.edit(body));
      case "getFile": {
        const file_id = String(body.file_id);
        const file_size = files.get(file_id)?.length;
        return file_size === undefined
          ? bad(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
          : good({ file_id, file_size, file_path: `photos/${file_id}` });
      }
      case "setWebhook":
        webhook = { ...body };
        return good(true);
      case "deleteWebhook":
        webhook = { url: "" };
        return good(true);
      case "getWebhookInfo":
        return good({ url: webhook.url, pending_update_count: 0, allowed_updates: webhook.allowed_updates });
      case "sendChatAction":
      case "setMyCommands":
      case "deleteMyCommands":
      case "answerCallbackQuery":
        return good(true);
      default:
        return bad(404, "Not Found: method not found");
    }
  };

  const server = await serve(async (request, response) => {
    const file = /^\/file\/bot([^/]+)\/photos\/(.+)/.exec(request.url ?? "");
    if (file) {
      const bytes = file[1] === token ? files.get(file[2] ?? "") : undefined;
      const fault = await faults.next("download");
      if (bytes && !fault) return void response.end(bytes);
      return give(response, bad(404, "Not Found"));
    }
    const path = /^\/bot([^/]+)\/(\w+)/.exec(request.url ?? "");
    const body = await parameters(request);
    if (path?.[1] !== token) return give(response, bad(401, "Unauthorized"));
    const method = path[2] ?? "";
    const call: BotCall = { method, body, at: performance.now(), status: null };
    calls.push(call);
    const fault = await faults.next(method);
    if (fault?.kind === "answer_lost") {
      await answer(method, body);
      response.destroy();
      return;
    }
    const result = fault === undefined ? await answer(method, body) : faultAnswer(fault);
    call.status = result.status;
    give(response, result);
  });

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
    faults,
    files,
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

interface ApiAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

function good(result: unknown): ApiAnswer {
  return { status: 200, body: { ok: true, result } };
}

function bad(status: number, description: string, parameters?: Record<string, number>): ApiAnswer {
  return {
    status,
    body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
  };
}

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
    case "unavailable":
      return bad(fault.status, "Internal Server Error");
  }
}

function textProblem(body: Record<string, unknown>): ApiAnswer | undefined {
  if (body.chat_id === undefined) return bad(400, "Bad Request: chat_id is empty");
  const { text } = body;
  if (typeof text !== "string" || text.trim() === "") return bad(400, "Bad Request: message text is empty");
  return text.length > MAX_TEXT ? bad(400, "Bad Request: message is too long") : undefined;
}

function give(response: ServerResponse, answer: ApiAnswer): void {
  sendJson(response, answer.status, answer.body);
}

/** The Bot API takes JSON, a form, or a query. */
async function parameters(request: IncomingMessage): Promise<Record<string, unknown>> {
  const query = new URL(request.url ?? "/", "http://double").searchParams;
  const text = await readText(request);
  const json = parseObject(text);
  if (json !== undefined) return json;
  return Object.fromEntries([...query, ...new URLSearchParams(text)]);
}

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
