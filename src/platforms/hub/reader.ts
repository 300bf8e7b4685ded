import type { InboundMessage } from "../../message/message.ts";
import type { Source } from "../../message/source.ts";
import { FIRST_LOOK_MAX_AGE_MS, MAX_TEXT_UNITS } from "./limits.ts";
import { InboxEntry } from "./schema.ts";

/** Why an inbox entry starts no turn, whoever sent it. */
export type Uninteresting =
  | "own"
  | "system"
  | "event"
  | "broadcast"
  | "welcome"
  | "malformed"
  | "empty"
  | "too_long";

/** One entry of the inbox, and what it is. */
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
  /** Null for a message to answer. */
  readonly uninteresting: Uninteresting | null;
}

/** Whether a name is an agent of Hub, and since when (Unix milliseconds; null when Hub does not say). */
export type Standing =
  | { readonly registered: false }
  | { readonly registered: true; readonly since: number | null };

const NAME = /^[\p{L}\p{N}_-]{1,128}$/u;
const NAIVE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

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

/** What the inbox holds, oldest first, each entry once. An entry without a time stays behind the one before it. */
export async function readEntries(messages: readonly unknown[], own: string): Promise<Entry[]> {
  const entries = await Promise.all(messages.map((message) => readEntry(message, own)));
  const distinct = [...new Map(entries.map((entry) => [entry.id, entry])).values()];
  let last = Number.NEGATIVE_INFINITY;
  const timed = distinct.map((entry) => {
    last = entry.sent_at ?? last;
    return { entry, time: last };
  });
  return timed.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)).map(({ entry }) => entry);
}

async function readEntry(message: unknown, own: string): Promise<Entry> {
  const parsed = InboxEntry.safeParse(message);
  const fields: Partial<InboxEntry> = parsed.success ? parsed.data : {};
  const markable = fields.id !== undefined && isAgentName(fields.id);
  return {
    id: markable && fields.id !== undefined ? fields.id : await digest(parsed.success ? fields : message),
    markable,
    from: fields.from ?? "",
    text: typeof fields.message === "string" ? fields.message : "",
    sent_at: hubTime(fields.timestamp),
    uninteresting: uninteresting(fields, own),
  };
}

/**
 * A direct message has neither a `type` nor a broadcast mark. Hub writes settlement events under `hub-system`
 * and greets a new agent under `brain` with the id `welcome-<agent>`; answering those would talk to a machine
 * that does not listen, or start a conversation that nobody asked for.
 */
function uninteresting(fields: Partial<InboxEntry>, own: string): Uninteresting | null {
  if (!fields.from || fields.from.length > 256 || typeof fields.message !== "string") return "malformed";
  if (fields.from === own) return "own";
  if (fields.from === "hub-system") return "system";
  if (fields.id === `welcome-${own}`) return "welcome";
  if (fields.is_broadcast === true) return "broadcast";
  if (fields.type !== undefined && fields.type !== null && fields.type !== "message") return "event";
  if (fields.message.trim() === "") return "empty";
  return fields.message.length > MAX_TEXT_UNITS ? "too_long" : null;
}

/**
 * Whether the gateway's very first look leaves this entry unanswered. Clocks may differ by minutes without
 * harm; an entry from the future is young. One without a readable time counts as old: a backlog answered by
 * mistake talks to many agents about what is long over, and a first look happens once.
 */
export function isStale(entry: Entry, now: number): boolean {
  return entry.sent_at === null || now - entry.sent_at > FIRST_LOOK_MAX_AGE_MS;
}

/**
 * At most `limit` entries, in groups by sender, each oldest first. Senders take turns, so that one who floods
 * the inbox does not keep the others waiting.
 */
export function takeFairly(entries: readonly Entry[], limit: number): Entry[][] {
  const groups = [...Map.groupBy(entries, (entry) => entry.from).values()];
  const longest = Math.max(0, ...groups.map((group) => group.length));
  let left = limit;
  const taken = groups.map(() => 0);
  for (let round = 0; round < longest && left > 0; round++) {
    for (const [index, group] of groups.entries()) {
      if (left > 0 && group.length > round) {
        taken[index] = round + 1;
        left--;
      }
    }
  }
  return groups.map((group, index) => group.slice(0, taken[index])).filter((group) => group.length > 0);
}

/**
 * Who sent an entry. It is verified when the name is registered, and was when the message came: Hub asked its
 * owner's secret then. A name registered only afterwards proves nothing about an earlier message.
 */
export function sourceOf(entry: Entry, standing: Standing): Source {
  const { from, sent_at } = entry;
  const late = standing.registered && standing.since !== null && sent_at !== null && sent_at < standing.since;
  return {
    platform: "hub",
    chat_type: "dm",
    chat_id: `hub:${from}`,
    user_id: from,
    user_name: from,
    verified: standing.registered && !late,
  };
}

/** The message a session answers. `now` is Unix milliseconds. */
export function messageOf(entry: Entry, source: Source, own: string, now: number): InboundMessage {
  return {
    delivery_id: `hub:${own}:${entry.id}`,
    source,
    text: entry.text,
    address: { peer: entry.from },
    received_at: now,
  };
}

/** Identifies an entry that Hub gave no id, by what it says: type, obligation, state, time, sender, text. */
async function digest(content: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `x${Array.from(hash.subarray(0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
