import { pause } from "../lib/wait.ts";
import { type CallBack, type HubAnswer, type HubCallContext, type HubRequest, no, yes } from "./hub-call.ts";
import { allMessages, analytics, conversation, directory } from "./hub-public.ts";
import { type CallbackResult, HubCrash, type HubEntry, type HubStore } from "./hub-store.ts";
import { announce, broadcast } from "./hub-to-all.ts";

export type { HubRequest };

const CALLBACK_TIMEOUT_MS = 5_000;
const PROBE_TIMEOUT_MS = 10_000;
const MAX_POLLS = 5;
const POLL_STEP_MS = 50;
const NAME = /^[\p{L}\p{N}_-]+$/u;

type Endpoint = (call: HubCallContext) => HubAnswer | Promise<HubAnswer>;

/** Answers one request as Hub does (https://github.com/handsdiff/hub, server.py of March 2026). */
export async function answerHub(
  request: HubRequest,
  store: HubStore,
  callBack: CallBack,
): Promise<HubAnswer> {
  for (const [method, pattern, endpoint] of ENDPOINTS) {
    const found = method === request.method && pattern.exec(request.path);
    if (!found) continue;
    const [id = "", messageId = ""] = found.slice(1).map(decodeURIComponent);
    try {
      return await endpoint({ request, store, callBack, id, messageId });
    } catch (error) {
      if (error instanceof HubCrash) return no(500, "Internal Server Error");
      throw error;
    }
  }
  return no(404, "Not found");
}

const ENDPOINTS: readonly (readonly [string, RegExp, Endpoint])[] = [
  ["POST", /^\/agents\/register$/, register],
  ["GET", /^\/agents$/, directory],
  ["GET", /^\/agents\/match$/, () => no(400, "need parameter required")],
  ["GET", /^\/agents\/([^/]+)$/, getAgent],
  ["PATCH", /^\/agents\/([^/]+)$/, update],
  ["POST", /^\/agents\/([^/]+)\/message$/, send],
  ["GET", /^\/agents\/([^/]+)\/messages$/, readInbox],
  ["DELETE", /^\/agents\/([^/]+)\/messages$/, clearInbox],
  ["GET", /^\/agents\/([^/]+)\/messages\/poll$/, poll],
  ["POST", /^\/agents\/([^/]+)\/messages\/([^/]+)\/read$/, markRead],
  ["POST", /^\/broadcast$/, broadcast],
  ["POST", /^\/announce$/, announce],
  ["GET", /^\/public\/conversation\/([^/]+)\/([^/]+)$/, conversation],
  ["GET", /^\/hub\/analytics$/, analytics],
  ["GET", /^\/hub\/messages$/, allMessages],
];

function register({ request, store }: HubCallContext): HubAnswer {
  const { agent_id: id, callback_url } = request.body;
  if (typeof id !== "string" || id === "") return no(400, "Missing agent_id");
  if (!NAME.test(id)) return no(400, "agent_id must be alphanumeric (underscores/hyphens ok)");
  if (store.agent(id)) return no(409, `'${id}' already taken`);
  const { secret } = store.register(id, typeof callback_url === "string" ? callback_url : null);
  const inbox_url = `/agents/${id}/messages?secret=${secret}`;
  return yes({ ok: true, agent_id: id, secret, inbox_url, wallet: null, private_key: null });
}

function getAgent({ store, id }: HubCallContext): HubAnswer {
  const agent = store.agent(id);
  if (!agent) return no(404, "agent not found");
  return yes({ agent_id: id, description: "", capabilities: [], registered_at: agent.registered_at });
}

async function update({ request: { body }, store, callBack, id }: HubCallContext): Promise<HubAnswer> {
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

/**
 * Stores first, then calls back while the sender waits; a failed callback is still a 200. A message that Hub
 * cannot print is stored and not called back for, and its sender reads a 500.
 */
async function send({ request, store, callBack, id: to }: HubCallContext): Promise<HubAnswer> {
  const { from, message, secret } = request.body;
  if (typeof from !== "string" || from === "") return no(400, "Missing 'from'");
  if (isEmpty(message)) return no(400, "Missing 'message'");
  const recipient = store.agent(to);
  if (!recipient) return no(404, `Agent '${to}' not found`);
  const sender = store.agent(from);
  if (sender && !secret) return no(401, "Registered agents must include 'secret' to prove identity.");
  if (sender && sender.secret !== secret) {
    return no(403, "Invalid secret. You cannot send messages as this agent.");
  }
  const entry = store.put(to, { from, message, priority: store.priorityOf(from) });
  store.sent.push({ to, entry });
  if (!isPrintable(message)) throw new HubCrash("the message cannot be printed");
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

/** What Python takes for false. */
function isEmpty(message: unknown): boolean {
  return !message || (typeof message === "object" && Object.keys(message).length === 0);
}

/** Hub prints a message's first 50 characters: it fails where there are none, and on half a surrogate pair. */
function isPrintable(message: unknown): boolean {
  if (typeof message === "string") return Array.from(message).slice(0, 50).join("").isWellFormed();
  return Array.isArray(message);
}

function deliveryState(result: CallbackResult | null): string {
  if (result === null) return "inbox_delivered_no_callback";
  const works = typeof result.status === "number" && result.status < 400;
  return works ? "callback_ok_inbox_delivered" : "callback_failed_inbox_delivered";
}

/** The query's secret wins over the header's. */
function refusal({ request: { query, headers, body }, store, id }: HubCallContext): HubAnswer | null {
  const agent = store.agent(id);
  if (!agent) return no(404, "Not found");
  const secret = query.secret || headers["x-agent-secret"] || body.secret;
  return secret === agent.secret ? null : no(403, "Invalid secret");
}

/** Marks all that it returns read: with `mark_read=true`, and with `unread=true` unless `mark_read=false`. */
function readInbox(call: HubCallContext): HubAnswer {
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

function clearInbox(call: HubCallContext): HubAnswer {
  const refused = refusal(call);
  if (refused) return refused;
  const { store, id } = call;
  store.clear(id);
  return yes({ ok: true, message: "Inbox cleared" });
}

function markRead(call: HubCallContext): HubAnswer {
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
async function poll(call: HubCallContext): Promise<HubAnswer> {
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
  let found: HubEntry[] = [];
  try {
    const deadline = performance.now() + timeout * 1_000;
    while (found.length === 0 && performance.now() < deadline) {
      found = store.inbox(id).filter((entry) => !entry.read);
      if (found.length === 0) await pause(POLL_STEP_MS);
    }
  } finally {
    polls.set(store, (polls.get(store) ?? 1) - 1);
  }
  for (const entry of found) entry.read = true;
  const messages = found.map(({ id, from, message, timestamp }) => ({
    messageId: id,
    from,
    text: message,
    timestamp,
  }));
  return yes({ ok: true, messages, count: messages.length });
}
