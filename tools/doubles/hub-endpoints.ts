import type { IncomingHttpHeaders } from "node:http";
import { pause } from "../lib/wait.ts";
import type { CallbackResult, HubEntry, HubStore } from "./hub-store.ts";

const CALLBACK_TIMEOUT_MS = 5_000;
const PROBE_TIMEOUT_MS = 10_000;
const MAX_POLLS = 5;
const POLL_STEP_MS = 50;
const NAME = /^[\p{L}\p{N}_-]+$/u;

export interface HubRequest {
  readonly method: string;
  /** Below Hub's base path, as sent: still percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HubAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type CallBack = (url: string, body: unknown, timeout_ms: number) => Promise<CallbackResult>;

interface Call {
  readonly request: HubRequest;
  readonly store: HubStore;
  readonly callBack: CallBack;
  /** The agent and the message that the path names. */
  readonly id: string;
  readonly messageId: string;
}

type Endpoint = (call: Call) => HubAnswer | Promise<HubAnswer>;

/** Answers one request as Hub does (docs/hub.md). */
export async function answerHub(
  request: HubRequest,
  store: HubStore,
  callBack: CallBack,
): Promise<HubAnswer> {
  for (const [method, pattern, endpoint] of ENDPOINTS) {
    const found = method === request.method && pattern.exec(request.path);
    if (!found) continue;
    const [id = "", messageId = ""] = found.slice(1).map(decodeURIComponent);
    return endpoint({ request, store, callBack, id, messageId });
  }
  return no(404, "Not found");
}

const ENDPOINTS: readonly (readonly [string, RegExp, Endpoint])[] = [
  ["POST", /^\/agents\/register$/, register],
  ["GET", /^\/agents\/match$/, () => no(400, "need parameter required")],
  ["GET", /^\/agents\/([^/]+)$/, getAgent],
  ["PATCH", /^\/agents\/([^/]+)$/, update],
  ["POST", /^\/agents\/([^/]+)\/message$/, send],
  ["GET", /^\/agents\/([^/]+)\/messages$/, readInbox],
  ["DELETE", /^\/agents\/([^/]+)\/messages$/, clearInbox],
  ["GET", /^\/agents\/([^/]+)\/messages\/poll$/, poll],
  ["POST", /^\/agents\/([^/]+)\/messages\/([^/]+)\/read$/, markRead],
  ["GET", /^\/hub\/analytics$/, analytics],
  ["GET", /^\/hub\/messages$/, allMessages],
];

function yes(body: Record<string, unknown>): HubAnswer {
  return { status: 200, body };
}

function no(status: number, error: string): HubAnswer {
  return { status, body: { ok: false, error } };
}

function register({ request, store }: Call): HubAnswer {
  const { agent_id: id, callback_url } = request.body;
  if (typeof id !== "string" || id === "") return no(400, "Missing agent_id");
  if (!NAME.test(id)) return no(400, "agent_id must be alphanumeric (underscores/hyphens ok)");
  if (store.agent(id)) return no(409, `'${id}' already taken`);
  const { secret } = store.register(id, typeof callback_url === "string" ? callback_url : null);
  const inbox_url = `/agents/${id}/messages?secret=${secret}`;
  return yes({ ok: true, agent_id: id, secret, inbox_url, wallet: null, private_key: null });
}

function getAgent({ store, id }: Call): HubAnswer {
  const agent = store.agent(id);
  if (!agent) return no(404, "agent not found");
  return yes({ agent_id: id, description: "", capabilities: [], registered_at: agent.registered_at });
}

async function update({ request: { body }, store, callBack, id }: Call): Promise<HubAnswer> {
  const agent = store.agent(id);
  if (!agent) return no(404, "Agent not found");
  if (agent.secret !== body.secret) return no(403, "Invalid secret");
  const updated: string[] = [];
  if ("callback_url" in body) {
    const url = typeof body.callback_url === "string" && body.callback_url !== "" ? body.callback_url : null;
    const probe = { type: "callback_test", from: "hub", message: "Callback verification test" };
    const result = url === null ? null : await callBack(url, probe, PROBE_TIMEOUT_MS);
    const verified = typeof result?.status === "number" && result.status < 400;
    const error = result && !verified ? (result.error ?? `HTTPError: HTTP Error ${result.status}`) : null;
    agent.callback_url = url;
    agent.callback_verified = verified;
    agent.callback_error = error;
    updated.push("callback_url");
    if (error) updated.push(`WARNING: callback test failed (${error}). Messages may not be delivered.`);
  }
  return yes({ ok: true, updated });
}

/** Stores first, then calls back while the sender waits; a failed callback is still a 200. */
async function send({ request, store, callBack, id: to }: Call): Promise<HubAnswer> {
  const { from, message, secret } = request.body;
  if (typeof from !== "string" || from === "") return no(400, "Missing 'from'");
  if (!message) return no(400, "Missing 'message'");
  const recipient = store.agent(to);
  if (!recipient) return no(404, `Agent '${to}' not found`);
  const sender = store.agent(from);
  if (sender && !secret) return no(401, "Registered agents must include 'secret' to prove identity.");
  if (sender && sender.secret !== secret) {
    return no(403, "Invalid secret. You cannot send messages as this agent.");
  }
  const priority = { level: "normal", state: "NEUTRAL", score: 0, reason: "no history" };
  const entry = store.put(to, { from, message, priority });
  store.sent.push({ to, entry });
  const url = recipient.callback_url;
  const result = url === null ? null : await callBack(url, entry, CALLBACK_TIMEOUT_MS);
  return yes({
    ok: true,
    message_id: entry.id,
    delivered_to_inbox: true,
    callback_status: result?.status ?? null,
    callback_url_configured: url !== null,
    callback_error: result?.error ?? null,
    delivery_state: deliveryState(result),
  });
}

function deliveryState(result: CallbackResult | null): string {
  if (result === null) return "inbox_delivered_no_callback";
  const works = typeof result.status === "number" && result.status < 400;
  return works ? "callback_ok_inbox_delivered" : "callback_failed_inbox_delivered";
}

/** The query's secret wins over the header's. */
function refusal({ request: { query, headers, body }, store, id }: Call): HubAnswer | null {
  const agent = store.agent(id);
  if (!agent) return no(404, "Not found");
  const secret = query.secret || headers["x-agent-secret"] || body.secret;
  return secret === agent.secret ? null : no(403, "Invalid secret");
}

/** `unread=true` marks what it returns read, unless `mark_read=false`. */
function readInbox(call: Call): HubAnswer {
  const refused = refusal(call);
  if (refused) return refused;
  const { request, store, id } = call;
  const { unread, sort, mark_read = "" } = request.query;
  const only = unread?.toLowerCase() === "true";
  const found = store.inbox(id).filter((entry) => !(only && entry.read));
  if (sort?.toLowerCase() === "priority") found.sort((a, b) => rank(a) - rank(b));
  const consume = /^(true|1|yes)$/i.test(mark_read) || (only && !/^(false|0|no)$/i.test(mark_read));
  if (consume) for (const entry of found) entry.read = true;
  return yes({ agent_id: id, count: found.length, messages: found });
}

const LEVELS = ["flag", "normal", "deprioritize", "quarantine"];

function rank({ priority }: HubEntry): number {
  const level = typeof priority === "object" && priority !== null && "level" in priority && priority.level;
  return typeof level === "string" && LEVELS.includes(level) ? LEVELS.indexOf(level) : 1;
}

function clearInbox(call: Call): HubAnswer {
  const refused = refusal(call);
  if (refused) return refused;
  const { store, id } = call;
  store.clear(id);
  return yes({ ok: true, message: "Inbox cleared" });
}

function markRead(call: Call): HubAnswer {
  const refused = refusal(call);
  if (refused) return refused;
  const { store, id, messageId } = call;
  const entry = store.inbox(id).find((candidate) => candidate.id === messageId);
  if (!entry) return no(404, "Message not found");
  entry.read = true;
  return yes({ ok: true, message_id: messageId, read: true });
}

const polls = new WeakMap<HubStore, number>();

/** Long poll; marks read, and names the fields differently. Too many at once are held and sent away empty. */
async function poll(call: Call): Promise<HubAnswer> {
  const refused = refusal(call);
  if (refused) return refused;
  const { request, store, id } = call;
  const timeout = Math.min(Number(request.query.timeout ?? 30), 60);
  const running = polls.get(store) ?? 0;
  if (running >= MAX_POLLS) {
    await pause(Math.min(timeout, 10) * 1_000);
    return yes({ ok: true, messages: [], count: 0, retry_after: timeout });
  }
  polls.set(store, running + 1);
  const deadline = performance.now() + timeout * 1_000;
  let found: HubEntry[] = [];
  while (found.length === 0 && performance.now() < deadline) {
    found = store.inbox(id).filter((entry) => !entry.read);
    if (found.length === 0) await pause(POLL_STEP_MS);
  }
  polls.set(store, (polls.get(store) ?? 1) - 1);
  for (const entry of found) entry.read = true;
  const messages = found.map(({ id, from, message, timestamp }) => ({
    messageId: id,
    from,
    text: message,
    timestamp,
  }));
  return yes({ ok: true, messages, count: messages.length });
}

/** Public: anyone reads every callback URL, with whatever token it carries. */
function analytics({ store }: Call): HubAnswer {
  const delivery_status = store.agents().map(([agent_id, agent]) => ({
    agent_id,
    callback_url: agent.callback_url,
    callback_verified: agent.callback_verified,
    callback_error: agent.callback_error,
  }));
  return yes({ delivery_status });
}

/** Public: anyone reads every direct message. */
function allMessages({ store }: Call): HubAnswer {
  return yes({ count: store.sent.length, messages: store.sent.map(({ to, entry }) => ({ to, ...entry })) });
}
