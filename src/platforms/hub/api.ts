import type * as z from "zod/mini";
import { type Variables, variable } from "../../env.ts";
import { parseJson } from "../../lib/json.ts";
import { exchange } from "../../lib/request.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { retryAfter } from "../../lib/retry-after.ts";
import { systemClock } from "../../lib/time.ts";
import { withoutSlash } from "../../lib/url.ts";
import {
  GET_RETRY_WAITS_MS,
  LOOK_UP_TRIES,
  MAX_ANSWER_BYTES,
  MAX_INBOX_BYTES,
  READ_TIMEOUT_MS,
  SEND_TIMEOUT_MS,
} from "./limits.ts";
import { hubTime, isAgentName, type Standing } from "./reader.ts";
import { Agent, Listing, Sent } from "./schema.ts";

/** Why a request of Hub gave nothing usable. */
export interface HubFailure {
  readonly reason: "unreachable" | "timeout" | "refused" | "malformed" | "too_large";
  /** HTTP status, where there was one. */
  readonly status?: number | undefined;
  /** What Hub's `Retry-After` asked for. */
  readonly retry_after_ms?: number | undefined;
}

export interface HubClient {
  /** This gateway's own agent id. */
  readonly agent: string;
  /** Everything unread in the inbox, without marking it read. */
  unread(): Promise<Result<readonly unknown[], HubFailure>>;
  /** Who a name is. One that cannot be registered is answered without asking. */
  lookUp(name: string): Promise<Result<Standing, HubFailure>>;
  /** Marks one inbox entry read; one that is gone counts as read. */
  markRead(id: string): Promise<Result<null, HubFailure>>;
  /** Sends a message; the value is its id. Never repeated: Hub has no idempotency key. */
  send(peer: string, message: string): Promise<Result<string | null, HubFailure>>;
}

export interface ClientOptions {
  /** Pauses before a GET is tried again; as many tries as there are pauses, and one. */
  readonly get_retry_waits_ms?: readonly number[];
}

/**
 * What Hub answers about a name that nobody has: 404, or 400 and 405 where the name is also a path of its own
 * (`/agents/match`, `/agents/register`). Whatever else goes wrong leaves the question open.
 */
const NOBODY: readonly (number | undefined)[] = [400, 404, 405];

/** Requests of the Hub that this deployment names. The secret goes in a header or a body, never in a URL. */
export function hubClient(env: Variables, options: ClientOptions = {}): HubClient {
  const base = withoutSlash(variable(env, "HUB_BASE_URL") ?? "");
  const agent = variable(env, "HUB_AGENT_ID") ?? "";
  const secret = variable(env, "HUB_AGENT_SECRET") ?? "";
  const waits = options.get_retry_waits_ms ?? GET_RETRY_WAITS_MS;
  const agentUrl = (name: string) => `${base}/agents/${encodeURIComponent(name)}`;
  const own = { "x-agent-secret": secret };

  const get = async (url: string, headers: Record<string, string>, max_bytes: number, tries: number) => {
    for (let attempt = 0; ; attempt++) {
      const answer = await call(url, { headers }, READ_TIMEOUT_MS, max_bytes);
      const wait = waits[attempt];
      if (answer.ok || attempt + 1 >= tries || wait === undefined || !passes(answer.error)) return answer;
      await systemClock.sleep(wait);
    }
  };

  return {
    agent,

    async unread() {
      const url = `${agentUrl(agent)}/messages?unread=true&mark_read=false`;
      const answer = await get(url, own, MAX_INBOX_BYTES, waits.length + 1);
      if (!answer.ok) return answer;
      const listing = parseAs(Listing, answer.value);
      return listing === null ? fail({ reason: "malformed" }) : ok(listing.messages);
    },

    async lookUp(name) {
      if (!isAgentName(name)) return ok({ registered: false });
      const answer = await get(agentUrl(name), {}, MAX_ANSWER_BYTES, LOOK_UP_TRIES);
      if (!answer.ok) {
        return NOBODY.includes(answer.error.status) ? ok({ registered: false }) : answer;
      }
      const found = parseAs(Agent, answer.value);
      if (found === null) return fail({ reason: "malformed" });
      if (found.agent_id !== name) return ok({ registered: false });
      return ok({ registered: true, since: hubTime(found.registered_at) });
    },

    async markRead(id) {
      const url = `${agentUrl(agent)}/messages/${encodeURIComponent(id)}/read`;
      const answer = await call(url, { method: "POST", headers: own }, READ_TIMEOUT_MS, MAX_ANSWER_BYTES);
      return answer.ok || answer.error.status === 404 ? ok(null) : answer;
    },

    async send(peer, message) {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ from: agent, message, secret }),
      };
      const answer = await call(`${agentUrl(peer)}/message`, init, SEND_TIMEOUT_MS, MAX_ANSWER_BYTES);
      // Status 200 says that the message is in the peer's inbox, whatever became of the rest of the answer.
      if (!answer.ok) return answer.error.status === 200 ? ok(null) : answer;
      return ok(parseAs(Sent, answer.value)?.message_id ?? null);
    },
  };
}

/** Whether the same GET may do better later: Hub's front answers 502 now and then. */
function passes(failure: HubFailure): boolean {
  return failure.reason === "unreachable" || (failure.status ?? 0) >= 500;
}

/** One request; the value is the body of a 200. */
async function call(
  url: string,
  init: RequestInit,
  timeout_ms: number,
  max_bytes: number,
): Promise<Result<string, HubFailure>> {
  const answer = await exchange(url, init, { timeout_ms, max_bytes });
  if (answer.kind !== "answered") {
    return fail({ reason: answer.kind === "timeout" ? "timeout" : "unreachable" });
  }
  const { status, headers, body } = answer;
  if (status !== 200) {
    const wait = retryAfter(headers, Date.now());
    return fail({ reason: "refused", status, ...(wait !== null && { retry_after_ms: wait }) });
  }
  if (body.end === "limit") return fail({ reason: "too_large", status });
  if (body.end === "broken") return fail({ reason: "unreachable", status });
  return ok(new TextDecoder().decode(body.bytes));
}

const parseAs = <Schema extends z.ZodMiniType>(schema: Schema, body: string): z.output<Schema> | null =>
  schema.safeParse(parseJson(body)).data ?? null;
