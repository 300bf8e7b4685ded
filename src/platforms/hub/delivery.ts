import type { Variables } from "../../env.ts";
import { systemClock } from "../../lib/time.ts";
import type { Address } from "../../message/message.ts";
import { splitMarkdown } from "../../text/split.ts";
import type { Chunk, Delivery, SendResult } from "../platform.ts";
import { type HubClient, hubClient } from "./api.ts";
import { hubTime } from "./entries.ts";
import { describe, type HubFailure } from "./failure.ts";
import { FIRST_SEND_PAUSE_MS, LONGEST_SEND_PAUSE_MS, MAX_SENT_UNITS, SENT_MARGIN_MS } from "./limits.ts";
import { StoredMessage } from "./schema.ts";

/** What an agent answers when it has nothing to say: without it, two agents thank each other for ever. */
const NOTHING_TO_SAY = /(?<![\p{L}\p{N}_])NO_REPLY\s*$/u;
/** How the text of a failed turn begins, in agents of Hub. It must never reach a peer, who would answer it. */
const ERROR_STARTS = ["Operation interrupted:", "API call failed after"];

/** How answers reach another agent. */
export const delivery: Delivery = {
  split: (text) => splitMarkdown(text, MAX_SENT_UNITS),
  prepare,
  send,
  tells_errors: false,
  takes_commands: false,
};

/** The answer without a trailing `NO_REPLY`; null when nothing is left to say, or when it tells of an error. */
function prepare(answer: string): string | null {
  const text = answer.replace(NOTHING_TO_SAY, "").trim();
  return text === "" || ERROR_STARTS.some((start) => text.startsWith(start)) ? null : text;
}

/**
 * Sends one message to a peer, once.
 *
 * A POST that Hub answers with a 5xx, or that is cut off, may have been stored; Hub has no idempotency key, and the
 * other agent would answer a duplicate as well. Hub shows every message it stores to anyone
 * (`GET /public/conversation/…`): a chunk of which nobody knows is looked for there, and sent again only if it is
 * not. Nor can a Worker tell a refused connection from one cut off later: so the recipient is looked up before the
 * first try, and while that fails nothing was sent. A failed callback is none of our concern: the message is in the
 * peer's inbox.
 */
async function send(chunk: Chunk, address: Address, _key: string, env: Variables): Promise<SendResult> {
  const { peer } = address;
  if (typeof peer !== "string") return { kind: "failed", detail: "no peer in the address" };
  const hub = hubClient(env);
  const now = systemClock.now();
  const first_tried_at = chunk.first_tried_at ?? now;
  const pause_ms = pauseFor(now - first_tried_at);
  // Half a surrogate pair would make Hub store the message and answer 500.
  const text = chunk.text.toWellFormed();

  const before = chunk.uncertain
    ? await wasStored(hub, peer, text, first_tried_at)
    : await isAgent(hub, peer);
  if (before.kind === "stored") return { kind: "sent", message_id: null };
  if (before.kind === "nobody") return { kind: "failed", detail: "the peer is not registered at Hub" };
  if (before.kind === "unknown") {
    if (chunk.uncertain && isFinal(before.error))
      return failed(before.error, "nobody can tell whether it arrived");
    if (before.error.reason === "bad_address") return failed(before.error, "nothing was sent");
    return retry(before.error, before.what, pause_ms, chunk.uncertain);
  }

  const sent = await hub.send(peer, text);
  if (sent.ok) return { kind: "sent", message_id: sent.value };
  const { reason, status } = sent.error;
  if (isFinal(sent.error)) return failed(sent.error, "Hub did not take the message");
  if (status === 429) return retry(sent.error, "Hub wants a pause", pause_ms);
  if (reason === "not_sent") return retry(sent.error, "nothing was sent", pause_ms);
  return retry(sent.error, "the message may not have arrived", pause_ms, true);
}

/** Whether Hub will say the same again. */
const isFinal = ({ reason, status = 500 }: HubFailure): boolean =>
  reason === "bad_address" || (reason === "refused" && status < 500 && status !== 429);

const failed = (error: HubFailure, what: string): SendResult => ({
  kind: "failed",
  detail: describe(error, what),
});

/** What is known before a message is sent: it may be, or why not. */
type Before =
  | { readonly kind: "free" | "stored" | "nobody" }
  | { readonly kind: "unknown"; readonly error: HubFailure; readonly what: string };

/** Whether the peer is there. */
async function isAgent(hub: HubClient, peer: string): Promise<Before> {
  const found = await hub.lookUp(peer);
  if (found.ok) return { kind: found.value.registered ? "free" : "nobody" };
  // An agent whose entry is too large to be read is one all the same.
  if (found.error.reason === "too_large") return { kind: "free" };
  return { kind: "unknown", error: found.error, what: "Hub was not reached" };
}

/** Whether an earlier try stored this text: no longer ago than when it was first tried, by Hub's clock. */
async function wasStored(hub: HubClient, peer: string, text: string, tried_at: number): Promise<Before> {
  const since = tried_at - SENT_MARGIN_MS;
  let stored = false;
  let last: number | null = null;
  let falling = false;
  const read = await hub.conversation(peer, ({ value }) => {
    const message = StoredMessage.safeParse(value).data;
    if (message === undefined) return;
    const at = hubTime(message.timestamp) ?? 0;
    stored = message.from === hub.agent && message.message === text && at >= since;
    // Hub lists the newest first: from here on all are older.
    falling = last === null ? falling : at <= last;
    last = at;
    if (stored || (falling && at < since)) return false;
  });
  if (!read.ok) return { kind: "unknown", error: read.error, what: "Hub was not reached" };
  if (stored) return { kind: "stored" };
  if (read.value.end === "whole" || read.value.end === "stopped") return { kind: "free" };
  return { kind: "unknown", error: { reason: "unreachable" }, what: "Hub's list of messages broke off" };
}

/** Nothing is lost by waiting: each pause is half of how long it has been tried, within limits. */
function pauseFor(age_ms: number): number {
  return Math.min(LONGEST_SEND_PAUSE_MS, Math.max(FIRST_SEND_PAUSE_MS, Math.floor(age_ms / 2)));
}

function retry(error: HubFailure, what: string, pause_ms: number, uncertain?: true): SendResult {
  const after_ms = Math.max(pause_ms, error.retry_after_ms ?? 0);
  return { kind: "retry", after_ms, detail: describe(error, what), ...(uncertain && { uncertain }) };
}
