import * as v from "valibot";
import { type Variables, variable } from "../../env.ts";
import type { Body } from "../../lib/body.ts";
import { bodyOf } from "../../lib/form.ts";
import { redact } from "../../lib/redact.ts";
import { type Exchange, exchange } from "../../lib/request.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { parsedJson } from "../../lib/schema.ts";
import { withoutSlash } from "../../lib/url.ts";
import { MAX_ANSWER_BYTES } from "./limits.ts";
import { Answer } from "./schema.ts";

const DEFAULT_BASE = "https://api.telegram.org";
const MAX_DETAIL_UNITS = 200;

/**
 * Why a method call gave no result.
 * - `flood`: too many requests, with the wait that Telegram asks for if it names one;
 * - `migrated`: the group is now the supergroup `chat_id`;
 * - `thread_not_found`, `reply_not_found`, `bad_entities`: what the request named is not there, or not valid;
 * - `no_message`, `not_modified`: what was to be edited is not there, or is like that already;
 * - `too_big`: a file that the Bot API gives to no bot, over 20 MB;
 * - `refused`: any other 4xx, such as a user who blocked the bot, or a wrong token;
 * - `unavailable`: 5xx by Telegram, `gateway`: 502 or 504 by what stands in front of it;
 * - `unreachable`: no answer, because the connection was refused or lost;
 * - `not_sent`: the runtime sent nothing, because this invocation has used up its requests;
 * - `timeout`, `unreadable`: Telegram may have done it, but there was no answer in time, or none to understand.
 *
 * `detail` is for the log: status and Telegram's description, never the token or the text.
 */
export type ApiFailure = { readonly detail: string } & (
  | { readonly reason: "flood"; readonly retry_after_ms: number | undefined }
  | { readonly reason: "migrated"; readonly chat_id: number }
  | {
      readonly reason:
        | "thread_not_found"
        | "reply_not_found"
        | "no_message"
        | "not_modified"
        | "bad_entities"
        | "too_big"
        | "refused";
    }
  | { readonly reason: "unavailable" | "gateway" | "unreachable" | "not_sent" | "timeout" | "unreadable" }
);

/** The bot's own user id: what stands before the colon of its token. NaN for a token of another shape. */
export function botId(env: Variables): number {
  return Number(/^(\d+):/.exec(variable(env, "TELEGRAM_BOT_TOKEN") ?? "")?.[1] ?? Number.NaN);
}

/** Where this bot's methods are, or its files. It holds the token: never to be logged. */
export function addressOf(env: Variables, kind: "method" | "file", path: string): string {
  const base = withoutSlash(variable(env, "TELEGRAM_API_BASE") ?? DEFAULT_BASE);
  return `${base}${kind === "file" ? "/file" : ""}/bot${variable(env, "TELEGRAM_BOT_TOKEN")}/${path}`;
}

/**
 * Calls a Bot API method, once, and reads its result by `schema`; a `File` among the parameters is uploaded. Given up as soon as `caller` aborts.
 * @example const me = await callApi(env, "getMe", {}, Me, GET_ME_TIMEOUT_MS);
 */
export async function callApi<Schema extends v.GenericSchema>(
  env: Variables,
  method: string,
  params: object,
  schema: Schema,
  timeout_ms: number,
  caller?: AbortSignal,
): Promise<Result<v.InferOutput<Schema>, ApiFailure>> {
  const exchanged = await exchange(
    addressOf(env, "method", method),
    { method: "POST", ...bodyOf(params) },
    { timeout_ms, max_bytes: MAX_ANSWER_BYTES, signal: caller },
  );
  if (exchanged.kind !== "answered") return fail(unanswered(exchanged.kind, timeout_ms));
  const { status, body } = exchanged;
  const answer = parsedJson(Answer, body.bytes);
  if (!answer?.ok) return fail(failure(status, answer, body.end));
  const result = v.safeParse(schema, answer.result);
  return result.success ? ok(result.output) : fail({ reason: "unreadable", detail: "unexpected result" });
}

function unanswered(kind: Exclude<Exchange["kind"], "answered">, timeout_ms: number): ApiFailure {
  if (kind === "refused") return { reason: "not_sent", detail: "this invocation's requests are used up" };
  if (kind === "lost") return { reason: "unreachable", detail: "the connection was refused or lost" };
  return { reason: "timeout", detail: `no answer within ${timeout_ms} ms` };
}

function failure(status: number, answer: Answer | null, end: Body["end"]): ApiFailure {
  const code = answer?.error_code ?? status;
  const description = answer?.description ?? (end === "whole" ? "no description" : "too long, or broken off");
  const detail = `${code} ${redact(description).slice(0, MAX_DETAIL_UNITS)}`;
  const { retry_after, migrate_to_chat_id } = answer?.parameters ?? {};
  if (code === 429) {
    return {
      reason: "flood",
      retry_after_ms: retry_after === undefined ? undefined : retry_after * 1_000,
      detail,
    };
  }
  if (migrate_to_chat_id !== undefined) return { reason: "migrated", chat_id: migrate_to_chat_id, detail };
  if (code === 502 || code === 504) return { reason: "gateway", detail };
  if (code >= 500) return { reason: "unavailable", detail };
  if (code < 400) return { reason: "unreadable", detail };
  if (/thread not found/i.test(description)) return { reason: "thread_not_found", detail };
  if (/message is not modified/i.test(description)) return { reason: "not_modified", detail };
  if (/message (to edit not found|can't be edited)/i.test(description))
    return { reason: "no_message", detail };
  if (/repl(y|ied).*not found/i.test(description)) return { reason: "reply_not_found", detail };
  if (/file is too big/i.test(description)) return { reason: "too_big", detail };
  // "can't parse entities: …", ENTITY_BOUNDS_INVALID, ENTITIES_TOO_LONG
  if (/entit(y|ies)/i.test(description)) return { reason: "bad_entities", detail };
  return { reason: "refused", detail };
}
