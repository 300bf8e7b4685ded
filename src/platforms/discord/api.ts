import { type Variables, variable } from "../../env.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { within } from "../../lib/time.ts";
import { RATE_LIMIT_MS, REQUEST_TIMEOUT_MS } from "./limits.ts";
import { ApiError, SentMessage } from "./schema.ts";

/**
 * Why Discord did not do what it was asked.
 * - `rate_limited`: not done; `after_ms` as Discord says;
 * - `expired`: the interaction's token is no longer valid;
 * - `unknown`: webhook, interaction or message unknown: gone, or not there yet;
 * - `refused`: will be refused again;
 * - `unavailable`: Discord itself failed and said so;
 * - `no_answer`: nobody knows whether it was done.
 * `detail` is for the log: which call, status and code; never a URL, because tokens stand in them.
 */
export type ApiFailure =
  | { readonly reason: "rate_limited"; readonly after_ms: number; readonly detail: string }
  | {
      readonly reason: "expired" | "unknown" | "refused" | "unavailable" | "no_answer";
      readonly detail: string;
    };

/** One call: its name for the log, and what is sent. */
export interface ApiCall {
  readonly name: "edit original" | "follow-up" | "channel message";
  readonly method: "PATCH" | "POST";
  /** Below the API's base, encoded. */
  readonly path: string;
  /** Sent as `Authorization: Bot …`; the webhook calls need none. */
  readonly bot_token?: string;
  readonly body: object;
}

const DEFAULT_BASE = "https://discord.com/api/v10";
/** Discord wants `DiscordBot (…)` of every client, and a Worker's fetch sends no agent by itself. */
export const USER_AGENT = "DiscordBot (talaria, 1)";

/** JSON error code of an expired interaction token, which comes as 401; whatever is unknown comes as 404. */
const INVALID_WEBHOOK_TOKEN = 50027;

/** `DISCORD_API_BASE`, or discord.com; without a slash at its end. */
export function apiBase(env: Variables): string {
  return (variable(env, "DISCORD_API_BASE") ?? DEFAULT_BASE).replace(/\/+$/, "");
}

/**
 * Calls Discord's REST API once, without retries.
 * @returns the id of the message that was made or edited; null if Discord's answer does not tell it.
 */
export function callDiscord(call: ApiCall, env: Variables): Promise<Result<string | null, ApiFailure>> {
  return within(REQUEST_TIMEOUT_MS, async (signal) => {
    let response: Response;
    try {
      response = await fetch(apiBase(env) + call.path, {
        method: call.method,
        headers: {
          "Content-Type": "application/json",
          "User-Agent": USER_AGENT,
          ...(call.bot_token === undefined ? {} : { Authorization: `Bot ${call.bot_token}` }),
        },
        body: JSON.stringify(call.body),
        // A redirect would carry the token to another host.
        redirect: "manual",
        signal,
      });
    } catch (error) {
      return fail({ reason: "no_answer", detail: `${call.name}: no answer (${nameOf(error)})` });
    }
    const answer = await readJson(response);
    if (response.ok) {
      const message = SentMessage.safeParse(answer);
      return ok(message.success ? message.data.id : null);
    }
    return fail(classify(call.name, response, answer));
  });
}

function classify(name: string, response: Response, answer: unknown): ApiFailure {
  const { status } = response;
  const parsed = ApiError.safeParse(answer);
  const error = parsed.success ? parsed.data : {};
  const detail = `${name}: ${status}${error.code === undefined ? "" : `, code ${error.code}`}`;

  if (status === 429) {
    const seconds = error.retry_after ?? Number(response.headers.get("Retry-After") ?? Number.NaN);
    const after_ms = Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds * 1_000)) : RATE_LIMIT_MS;
    return { reason: "rate_limited", after_ms, detail };
  }
  if (error.code === INVALID_WEBHOOK_TOKEN) return { reason: "expired", detail };
  if (status === 404) return { reason: "unknown", detail };
  // Said by the proxy in front of Discord, which may have passed the request on.
  if (status === 504 || status >= 520) return { reason: "no_answer", detail };
  if (status >= 500) return { reason: "unavailable", detail };
  return { reason: "refused", detail };
}

/** The body as JSON; undefined if it is none or breaks off: the status stands without it. */
async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** An error's name only: its message may hold the URL. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown error";
}
