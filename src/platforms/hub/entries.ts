import { isObject } from "../../lib/json.ts";
import { parsed } from "../../lib/schema.ts";
import type { InboundMessage } from "../../message/message.ts";
import type { Source } from "../../message/source.ts";
import type { Element } from "./element-buffer.ts";
import { MAX_TEXT_BYTES, MAX_TEXT_JSON_BYTES } from "./limits.ts";
import { InboxEntry } from "./schema.ts";

/** Why an inbox entry starts no turn, whoever sent it. */
export type Uninteresting =
  | "own"
  | "system"
  | "event"
  | "broadcast"
  | "announcement"
  | "welcome"
  | "malformed"
  | "empty"
  | "too_long";

/** One entry of the inbox, and what it is. Plain JSON: some are stored. */
export interface Entry {
  /** Hub's id, or a digest of the content where Hub gave none. */
  readonly id: string;
  /** False without an id of Hub: only an id can be marked read. */
  readonly markable: boolean;
  /** Who Hub says it is from; any text when that name is not registered. */
  readonly from: string;
  readonly text: string;
  /** Unix milliseconds; null when Hub's timestamp is none. */
  readonly sent_at: number | null;
  readonly read: boolean;
  /** How Hub rates the sender: `normal`, `flag`, `deprioritize`, `quarantine`; null where it does not. */
  readonly priority: string | null;
  /** Null for a message to answer. */
  readonly uninteresting: Uninteresting | null;
}

/** Whether a name is an agent of Hub, and since when (Unix milliseconds; null when Hub does not say). */
export type Standing =
  | { readonly registered: false }
  | { readonly registered: true; readonly since: number | null };

const NAME = /^[\p{L}\p{N}_-]{1,128}$/u;
const NAIVE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;
const MAX_FROM_UNITS = 256;
const MAX_PRIORITY_UNITS = 64;
const encoder = new TextEncoder();

/**
 * Whether Hub could have registered this name: letters and digits of any script, `_`, `-` (docs/hub.md, "Names").
 * Only such a name goes into a URL's path or a log line: the `from` of an unregistered sender is free text,
 * `../x` included. Message ids are made of the same characters.
 */
export function isAgentName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Unix milliseconds of a timestamp of Hub; null when it is none.
 * Hub writes UTC without a zone, which JavaScript would read as local time.
 */
export function hubTime(timestamp: string | undefined): number | null {
  if (timestamp === undefined) return null;
  const time = Date.parse(NAIVE.test(timestamp) ? `${timestamp}Z` : timestamp);
  return Number.isNaN(time) ? null : time;
}

/** What an element of the inbox is. */
export async function readEntry({ value, cut }: Element, own: string): Promise<Entry> {
  const entry = isObject(value) ? parsed(InboxEntry, value) : null;
  const fields = entry ?? {};
  const markable = fields.id !== undefined && isAgentName(fields.id);
  const level = fields.priority?.level;
  return {
    id:
      markable && fields.id !== undefined
        ? fields.id
        : await digest(entry ? { ...entry, read: undefined, priority: undefined } : value),
    markable,
    from: fields.from ?? "",
    text: typeof fields.message === "string" ? fields.message.toWellFormed() : "",
    sent_at: hubTime(fields.timestamp),
    read: fields.read === true,
    priority: level !== undefined && level.length <= MAX_PRIORITY_UNITS ? level : null,
    uninteresting: uninteresting(fields, own, cut),
  };
}

/**
 * A direct message has neither a `type` nor a mark of what goes to everybody. Hub writes settlement events under
 * `hub-system` and greets a new agent under `brain` with the id `welcome-<agent>`; answering those would talk to a
 * machine that does not listen, or start a conversation that nobody asked for.
 */
function uninteresting(fields: Partial<InboxEntry>, own: string, cut: boolean): Uninteresting | null {
  const { id, from, message, type, is_broadcast, is_announcement } = fields;
  if (cut) return "too_long";
  if (!from || from.length > MAX_FROM_UNITS || typeof message !== "string") return "malformed";
  if (from === own) return "own";
  if (from === "hub-system") return "system";
  if (id === `welcome-${own}`) return "welcome";
  if (is_broadcast === true) return "broadcast";
  if (is_announcement === true) return "announcement";
  if (type !== undefined && type !== null && type !== "message") return "event";
  if (message.trim() === "") return "empty";
  return isTooLong(message) ? "too_long" : null;
}

/** A unit of UTF-16 is at most six bytes of JSON: most texts need not be encoded to know. */
function isTooLong(text: string): boolean {
  if (text.length > MAX_TEXT_BYTES) return true;
  if (text.length * 6 <= MAX_TEXT_BYTES) return false;
  const json_bytes = encoder.encode(JSON.stringify(text)).byteLength;
  return json_bytes > MAX_TEXT_JSON_BYTES || encoder.encode(text).byteLength > MAX_TEXT_BYTES;
}

/**
 * Who sent an entry. It is verified when the name is registered, and was when the message came: Hub asked its
 * owner's secret then. A name registered only afterwards proves nothing about an earlier message.
 */
export function sourceOf(entry: Entry, standing: Standing): Source {
  const { from, sent_at, priority } = entry;
  const late = standing.registered && standing.since !== null && sent_at !== null && sent_at < standing.since;
  return {
    platform: "hub",
    chat_type: "dm",
    chat_id: `hub:${from}`,
    user_id: from,
    user_name: from,
    verified: standing.registered && !late,
    ...(priority !== null && { priority }),
  };
}

/** The message a session answers, with what its answer has to know: to whom, and when the question came. */
export function messageOf(entry: Entry, source: Source, own: string, now: number): InboundMessage {
  return {
    delivery_id: `hub:${own}:${entry.id}`,
    source,
    text: entry.text,
    address: { peer: entry.from, ...(entry.sent_at !== null && { asked_at: entry.sent_at }) },
    received_at: now,
  };
}

/** Identifies an entry that Hub gave no id, by what it says: type, obligation, state, time, sender, text. */
async function digest(content: unknown): Promise<string> {
  const bytes = encoder.encode(JSON.stringify(content) ?? "");
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `x${Array.from(hash.subarray(0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
