import { type Variables, variable } from "../../env.ts";
import { bodyOf } from "../../lib/form.ts";
import { parseJson } from "../../lib/json.ts";
import { exchange } from "../../lib/request.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { retryAfter } from "../../lib/retry-after.ts";
import { parsed } from "../../lib/schema.ts";
import { withoutSlash } from "../../lib/url.ts";
import { MAX_ANSWER_BYTES, RATE_LIMIT_MS, REQUEST_TIMEOUT_MS } from "./limits.ts";
import { ApiError, SentMessage } from "./schema.ts";

/**
 * Why Discord did not do what it was asked.
 * - `rate_limited`: not done; `after_ms` as Discord says;
 * - `expired`: the interaction's token is no longer valid;
 * - `unknown`: webhook, interaction or message unknown: gone, or not there yet;
 * - `refused`: will be refused again;
 * - `unavailable`: Discord itself failed and said so;
 * - `not_sent`: the runtime sent nothing, because this invocation has used up its requests;
 * - `no_answer`: nobody knows whether it was done.
 * `detail` is for the log: which call, status and code; never a URL, because tokens stand in them.
 */
export type ApiFailure =
  | { readonly reason: "rate_limited"; readonly after_ms: number; readonly detail: string }
  | {
      readonly reason: "expired" | "unknown" | "refused" | "unavailable" | "not_sent" | "no_answer";
      readonly detail: string;
    };

/** What was done. */
export interface ApiDone {
  /** The id of the message (or thread) that was made or edited; null if Discord's answer does not tell it. */
  readonly id: string | null;
  /** How long the next such call has to wait, in milliseconds: 0 as long as there are some left. */
  readonly after_ms: number;
}

/** One call: its name for the log, and what is sent. */
export interface ApiCall {
  readonly name: "edit original" | "follow-up" | "channel message" | "thread";
  readonly method: "PATCH" | "POST";
  /** Below the API's base, encoded. */
  readonly path: string;
  /** Sent as `Authorization: Bot …`; the webhook calls need none. */
  readonly bot_token?: string;
  readonly body: object;
  /** Goes along as the first file. */
  readonly file?: File | undefined;
}

const DEFAULT_BASE = "https://discord.com/api/v10";
/**
 * What Discord wants of every client, `DiscordBot (url, version)`: https://docs.discord.com/developers/reference#user-agent.
 * The address is that of the application, so that Discord knows whom to turn to.
 */
export const userAgent = (env: Variables): string =>
  `DiscordBot (https://discord.com/oauth2/authorize?client_id=${variable(env, "DISCORD_APPLICATION_ID") ?? ""}, 1)`;

/** JSON error code of an expired interaction token, which comes as 401; whatever is unknown comes as 404. */
const INVALID_WEBHOOK_TOKEN = 50027;

/** `DISCORD_API_BASE`, or discord.com; without a slash at its end. */
export function apiBase(env: Variables): string {
  return withoutSlash(variable(env, "DISCORD_API_BASE") ?? DEFAULT_BASE);
}

/**
 * Calls Discord's REST API once, without retries.
 * @example
 * const path = `/webhooks/${application_id}/${token}`;
 * const sent = await callDiscord({ name: "follow-up", method: "POST", path, body: { content: "Hello" } }, env);
 */
export async function callDiscord(
  { name, method, path, bot_token, body: payload_json, file }: ApiCall,
  env: Variables,
): Promise<Result<ApiDone, ApiFailure>> {
  const { body, headers: type } = bodyOf(file ? { payload_json, "files[0]": file } : payload_json);
  const headers = {
    ...type,
    "User-Agent": userAgent(env),
    ...(bot_token === undefined ? {} : { Authorization: `Bot ${bot_token}` }),
  };
  const answer = await exchange(
    apiBase(env) + path,
    { method, headers, body },
    { timeout_ms: REQUEST_TIMEOUT_MS, max_bytes: MAX_ANSWER_BYTES },
  );
  if (answer.kind === "refused") {
    return fail({ reason: "not_sent", detail: `${name}: this invocation's requests are used up` });
  }
  if (answer.kind !== "answered") {
    return fail({ reason: "no_answer", detail: `${name}: no answer (${answer.kind})` });
  }
  // Undefined if it is no JSON, too long or breaks off: the status stands without it.
  const payload = parseJson(answer.body.bytes);
  if (answer.status >= 200 && answer.status < 300) {
    return ok({ id: parsed(SentMessage, payload)?.id ?? null, after_ms: pauseOf(answer.headers) });
  }
  return fail(classify(name, answer.status, answer.headers, payload));
}

/** https://docs.discord.com/developers/topics/rate-limits#header-format: none left, and seconds until there are. */
function pauseOf(headers: Headers): number {
  if (headers.get("x-ratelimit-remaining") !== "0") return 0;
  return Math.ceil(Number(headers.get("x-ratelimit-reset-after")) * 1_000) || 0;
}

function classify(name: string, status: number, headers: Headers, payload: unknown): ApiFailure {
  const { code, retry_after } = parsed(ApiError, payload) ?? {};
  const detail = `${name}: ${status}${code === undefined ? "" : `, code ${code}`}`;

  if (status === 429) {
    const said = retry_after === undefined ? null : Math.max(0, Math.ceil(retry_after * 1_000));
    const after_ms = said ?? retryAfter(headers, Date.now()) ?? RATE_LIMIT_MS;
    return { reason: "rate_limited", after_ms, detail };
  }
  if (code === INVALID_WEBHOOK_TOKEN) return { reason: "expired", detail };
  if (status === 404) return { reason: "unknown", detail };
  // Said by the proxy in front of Discord, which may have passed the request on.
  if (status === 504 || status >= 520) return { reason: "no_answer", detail };
  if (status >= 500) return { reason: "unavailable", detail };
  return { reason: "refused", detail };
}
