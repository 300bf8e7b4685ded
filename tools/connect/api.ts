import * as v from "valibot";
import type * as z from "zod";
import type { Variables } from "../../src/env.ts";
import { variable } from "../../src/env.ts";
import { parseJson } from "../../src/lib/json.ts";
import { redact } from "../../src/lib/redact.ts";
import { exchange } from "../../src/lib/request.ts";
import { fail, ok, type Result } from "../../src/lib/result.ts";
import { withoutSlash } from "../../src/lib/url.ts";
import { apiBase, userAgent } from "../../src/platforms/discord/api.ts";
import { addressProblem } from "../../src/platforms/hub/api.ts";
import { callApi } from "../../src/platforms/telegram/api.ts";
import { isObject } from "../lib/json.ts";

const TIMEOUT_MS = 20_000;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_DETAIL_UNITS = 300;

/** Why a call gave nothing: the platform said no, or nobody knows. `detail` never holds a token. */
export interface Refusal {
  readonly refused: boolean;
  /** HTTP status, where the platform gave one. */
  readonly status: number | null;
  readonly detail: string;
}

/** Calls a method of Telegram's Bot API. */
export async function callTelegram<Schema extends z.ZodType>(
  env: Variables,
  method: string,
  params: object,
  schema: Schema,
  timeout_ms = TIMEOUT_MS,
): Promise<Result<z.output<Schema>, Refusal>> {
  const answer = await callApi(env, method, params, v.unknown(), timeout_ms);
  if (!answer.ok) {
    const { reason, detail } = answer.error;
    const status = Number(/^\d{3}/.exec(detail)?.[0] ?? Number.NaN) || null;
    const refused = reason !== "flood" && status !== null && status >= 400 && status < 500;
    return fail({ refused, status, detail: `${method}: ${detail}` });
  }
  return read(schema, answer.value, method);
}

/** Calls Discord's REST API as the bot. */
export function callDiscordAsBot<Schema extends z.ZodType>(
  env: Variables,
  method: "GET" | "PUT" | "PATCH",
  path: string,
  schema: Schema,
  body?: object,
): Promise<Result<z.output<Schema>, Refusal>> {
  const headers = {
    "user-agent": userAgent(env),
    authorization: `Bot ${variable(env, "DISCORD_BOT_TOKEN")}`,
    ...(body && { "content-type": "application/json" }),
  };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return callJson(`${method} ${path}`, apiBase(env) + path, init, schema);
}

/** Calls Hub. The agent's secret goes in the header, and where Hub wants it in `body`. */
export async function callHub<Schema extends z.ZodType>(
  env: Variables,
  path: string,
  schema: Schema,
  change?: { readonly method: "PATCH" | "POST"; readonly body: object },
): Promise<Result<z.output<Schema>, Refusal>> {
  const base = withoutSlash(variable(env, "HUB_BASE_URL") ?? "");
  const problem = addressProblem(base);
  if (problem !== null) return fail({ refused: true, status: null, detail: `HUB_BASE_URL: ${problem}` });
  const secret = variable(env, "HUB_AGENT_SECRET");
  const headers = {
    ...(secret !== undefined && { "x-agent-secret": secret }),
    ...(change && { "content-type": "application/json" }),
  };
  const init = change
    ? { method: change.method, headers, body: JSON.stringify({ ...change.body, secret }) }
    : { method: "GET", headers };
  return callJson(path.replace(/\?.*/, ""), base + path, init, schema);
}

async function callJson<Schema extends z.ZodType>(
  what: string,
  url: string,
  init: Omit<RequestInit, "redirect" | "signal">,
  schema: Schema,
): Promise<Result<z.output<Schema>, Refusal>> {
  const answer = await exchange(url, init, { timeout_ms: TIMEOUT_MS, max_bytes: MAX_BYTES });
  if (answer.kind !== "answered") {
    const why = answer.kind === "timeout" ? `no answer within ${TIMEOUT_MS} ms` : "no connection";
    return fail({ refused: false, status: null, detail: `${what}: ${why}` });
  }
  const { status, body } = answer;
  const value = parseJson(body.bytes);
  if (status >= 200 && status < 300) return read(schema, value, what);
  const refused = status >= 400 && status < 500 && status !== 429;
  return fail({ refused, status, detail: `${what}: ${status} ${said(value)}`.trim() });
}

/** What an error's body says: Discord's `message` and `errors`, Hub's `error`. */
function said(value: unknown): string {
  if (!isObject(value)) return "";
  const { message, error, errors } = value;
  const parts = [message ?? error, ...texts(errors)].filter((part) => typeof part === "string");
  return redact(parts.join("; ")).slice(0, MAX_DETAIL_UNITS);
}

/** The messages in Discord's tree of errors. */
function texts(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(texts);
  if (!isObject(tree)) return [];
  const { message } = tree;
  return typeof message === "string" ? [message] : Object.values(tree).flatMap(texts);
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): Result<z.output<Schema>, Refusal> {
  const read = schema.safeParse(value);
  if (read.success) return ok(read.data);
  return fail({ refused: false, status: null, detail: `${what}: an answer of an unknown shape` });
}
