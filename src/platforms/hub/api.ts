import { type Variables, variable } from "../../env.ts";
import { baseUrlProblem } from "../../inference/http/endpoint.ts";
import { exchange } from "../../lib/request.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { parsed, parsedJson } from "../../lib/schema.ts";
import { type Clock, systemClock } from "../../lib/time.ts";
import { withoutSlash } from "../../lib/url.ts";
import type { Element } from "./element-buffer.ts";
import { hubTime, isAgentName, type Standing } from "./entries.ts";
import type { HubFailure } from "./failure.ts";
import { MAX_ANSWER_BYTES, READ_TIMEOUT_MS, SEND_TIMEOUT_MS } from "./limits.ts";
import { Agent, Sent } from "./schema.ts";
import { REASONS, type Reading, readList, refusal, type Take } from "./stream.ts";

/** Which entries of the inbox: what is unread; all; what is unread, marking all that is returned read. */
export type InboxQuery = "unread" | "all" | "mark_all";

export interface HubClient {
  /** This gateway's own agent id. */
  readonly agent: string;
  /** Hands on the entries of the inbox as they come in. */
  list(which: InboxQuery, take: Take<Element>): Promise<Result<Reading, HubFailure>>;
  /** Who a name is. One that cannot be registered is answered without asking. */
  lookUp(name: string): Promise<Result<Standing, HubFailure>>;
  /** Hands on every registered agent. */
  directory(take: (name: string, standing: Standing) => void): Promise<Result<Reading, HubFailure>>;
  /** Marks one inbox entry read; one that is gone counts as read. */
  markRead(id: string): Promise<Result<null, HubFailure>>;
  /** Sends a message; the value is its id. Hub has no idempotency key: sent twice, it is there twice. */
  send(peer: string, message: string): Promise<Result<string | null, HubFailure>>;
  /** Hands on what Hub stores of the messages between this gateway and a peer, to whichever of them. */
  conversation(peer: string, take: Take<Element>): Promise<Result<Reading, HubFailure>>;
}

const QUERIES: { readonly [Which in InboxQuery]: string } = {
  unread: "unread=true&mark_read=false",
  all: "mark_read=false",
  mark_all: "unread=true&mark_read=true",
};

/**
 * What Hub answers about a name that nobody has: 404, or 400 and 405 where the name is also a path of its own
 * (`/agents/match`, `/agents/register`). Whatever else goes wrong leaves the question open.
 */
const NOBODY: readonly (number | undefined)[] = [400, 404, 405];

/**
 * Requests of the Hub that this deployment names, each sent once (docs/hub.md). The secret goes in a header or a body, never in a URL. Nothing is sent to an address that `addressProblem` objects to.
 */
export function hubClient(env: Variables, clock: Clock = systemClock): HubClient {
  const base = withoutSlash(variable(env, "HUB_BASE_URL") ?? "");
  const agent = variable(env, "HUB_AGENT_ID") ?? "";
  const secret = variable(env, "HUB_AGENT_SECRET") ?? "";
  const forbidden = addressProblem(base) !== null;
  const agentUrl = (name: string) => `${base}/agents/${encodeURIComponent(name)}`;
  const own = { "x-agent-secret": secret };

  const list = async (url: string, headers: Record<string, string>, name: string, take: Take<Element>) =>
    forbidden ? fail({ reason: "bad_address" } as const) : readList(url, headers, name, take, clock);

  /** One request; the value is the body of a 200. */
  const call = async (
    url: string,
    init: Omit<RequestInit, "redirect" | "signal">,
    timeout_ms: number,
  ): Promise<Result<string, HubFailure>> => {
    if (forbidden) return fail({ reason: "bad_address" });
    const answer = await exchange(url, init, { timeout_ms, max_bytes: MAX_ANSWER_BYTES });
    if (answer.kind !== "answered") return fail({ reason: REASONS[answer.kind] });
    const { status, headers, body } = answer;
    if (status !== 200) return fail(refusal(status, headers, clock.now()));
    if (body.end === "limit") return fail({ reason: "too_large", status });
    if (body.end === "broken") return fail({ reason: "unreachable", status });
    return ok(new TextDecoder().decode(body.bytes));
  };

  return {
    agent,

    list: (which, take) => list(`${agentUrl(agent)}/messages?${QUERIES[which]}`, own, "messages", take),

    async lookUp(name) {
      if (!isAgentName(name)) return ok({ registered: false });
      const answer = await call(agentUrl(name), {}, READ_TIMEOUT_MS);
      if (!answer.ok) return NOBODY.includes(answer.error.status) ? ok({ registered: false }) : answer;
      const found = parsedJson(Agent, answer.value);
      if (found === null) return fail({ reason: "malformed" });
      return ok(found.agent_id === name ? standingOf(found) : { registered: false });
    },

    directory: (take) =>
      // Without the parameter, a later Hub leaves out agents that are archived and may still send.
      list(`${base}/agents?include_archived=true`, {}, "agents", ({ value }) => {
        const found = parsed(Agent, value);
        if (found !== null) take(found.agent_id, standingOf(found));
      }),

    async markRead(id) {
      const url = `${agentUrl(agent)}/messages/${encodeURIComponent(id)}/read`;
      const answer = await call(url, { method: "POST", headers: own }, READ_TIMEOUT_MS);
      return answer.ok || answer.error.status === 404 ? ok(null) : answer;
    },

    async send(peer, message) {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ from: agent, message, secret }),
      };
      const answer = await call(`${agentUrl(peer)}/message`, init, SEND_TIMEOUT_MS);
      // Status 200 says that the message is in the peer's inbox, whatever became of the rest of the answer.
      if (!answer.ok) return answer.error.status === 200 ? ok(null) : answer;
      return ok(parsedJson(Sent, answer.value)?.message_id ?? null);
    },

    conversation(peer, take) {
      const pair = `${encodeURIComponent(agent)}/${encodeURIComponent(peer)}`;
      return list(`${base}/public/conversation/${pair}`, {}, "messages", take);
    },
  };
}

/** Why nothing may be sent to this HUB_BASE_URL: the agent's secret would travel in clear. Null if it may. */
export function addressProblem(base: string): string | null {
  const url = URL.parse(base);
  return url === null ? "it is not a URL" : baseUrlProblem(url);
}

const standingOf = ({ registered_at }: Agent): Standing => ({
  registered: true,
  since: hubTime(registered_at),
});
