import type { Variables } from "../../env.ts";
import { parsed } from "../../lib/schema.ts";
import { systemClock } from "../../lib/time.ts";
import type { Address } from "../../message/message.ts";
import { cutText } from "../../text/cut.ts";
import type { Chunk, Delivery, SendResult } from "../platform.ts";
import { type HubClient, hubClient } from "./api.ts";
import { hubTime } from "./entries.ts";
import { describe, type HubFailure } from "./failure.ts";
import {
  FIRST_SEND_PAUSE_MS,
  LONGEST_SEND_PAUSE_MS,
  MAX_SENT_UNITS,
  SENT_MARGIN_MS,
  UNDATED_SEND_MS,
} from "./limits.ts";
import { StoredMessage } from "./schema.ts";

/** What an agent answers when it has nothing to say: without it, two agents thank each other for ever. */
const NOTHING_TO_SAY = /(?<![\p{L}\p{N}_])NO_REPLY\s*$/u;
/** Texts of a failed turn, which must never reach a peer: it would answer them (docs/hub.md, "Answers"). */
const ERROR_STARTS = ["Operation interrupted:", "API call failed after"];

/** How answers reach another agent. */
export const delivery: Delivery = {
  split: (text) => cutText(text, MAX_SENT_UNITS),
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
 * other agent would answer a duplicate as well (docs/hub.md, "Sending"). But Hub shows every message that it stores:
 * one of which nobody knows is looked for there, and sent again only if it is not found. Nor can a Worker tell a
 * refused connection from one cut off later: so the recipient is looked up before the first try, and while that
 * fails nothing was sent. A failed callback is none of our concern: the message is in the peer's inbox.
 */
async function send(chunk: Chunk, address: Address, _key: string, env: Variables): Promise<SendResult> {
  const { peer, asked_at } = address;
  if (typeof peer !== "string") return { kind: "failed", detail: "no peer in the address" };
  const hub = hubClient(env);
  const now = systemClock.now();
  const pause_ms = pauseFor(now - (chunk.first_tried_at ?? now));
  // Half a surrogate pair would make Hub store the message and answer 500.
  const text = chunk.text.toWellFormed();

  const since = storedSince(chunk.first_tried_at, typeof asked_at === "number" ? asked_at : null, now);
  const before = chunk.uncertain ? await wasStored(hub, peer, text, since) : await isAgent(hub, peer);
  if (before.kind === "stored") return { kind: "sent", message_id: null };
  if (before.kind === "nobody") return { kind: "failed", detail: "the peer is not registered at Hub" };
  if (before.kind === "unknown") {
    const { error, what } = before;
    if (error.reason === "not_sent") return NOT_SENT;
    if (error.reason === "bad_address") return failed(error, "nothing was sent");
    if (chunk.uncertain && isFinal(error)) return failed(error, "nobody can tell whether it arrived");
    return retry(error, what, pause_ms, chunk.uncertain);
  }

  const sent = await hub.send(peer, text);
  if (sent.ok) return { kind: "sent", message_id: sent.value };
  const { reason, status } = sent.error;
  if (isFinal(sent.error)) return failed(sent.error, "Hub did not take the message");
  if (status === 429) return retry(sent.error, "Hub wants a pause", pause_ms);
  if (reason === "not_sent") return NOT_SENT;
  return retry(sent.error, "the message may not have arrived", pause_ms, true);
}

const NOT_SENT: SendResult = { kind: "not_sent", detail: "this invocation's requests are used up" };

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

/**
 * Since when an earlier try can have stored a message (Unix milliseconds, by Hub's clock): not before the question
 * came, nor before it was tried first, as far as either is known.
 */
function storedSince(tried_at: number | undefined, asked_at: number | null, now: number): number {
  const tried = tried_at === undefined ? null : tried_at - SENT_MARGIN_MS;
  return tried === null && asked_at === null ? now - UNDATED_SEND_MS : Math.max(tried ?? 0, asked_at ?? 0);
}

/** Whether an earlier try stored this text since then. */
async function wasStored(hub: HubClient, peer: string, text: string, since: number): Promise<Before> {
  let stored = false;
  let last: number | null = null;
  let falling = false;
  const read = await hub.conversation(peer, ({ value }) => {
    const message = parsed(StoredMessage, value);
    if (!message) return;
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
