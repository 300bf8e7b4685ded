import * as v from "valibot";
import { log } from "../../lib/log.ts";
import type { Sql, SqlValue } from "../../lib/ports.ts";
import { number, parsedJson } from "../../lib/schema.ts";
import { InboundMessage } from "../../message/message.ts";
import { findPlatform } from "../../platforms/index.ts";
import { SentKeyboard } from "../../platforms/press.ts";
import { MAX_DATABASE_BYTES, REMEMBER_MS, ROLL_UP_ROWS } from "../limits.ts";
import { type Outcome, type ParkedReason, readOutcome } from "../outcome.ts";
import { type Parked, park } from "./parked.ts";
import { SeenDeliveries } from "./seen.ts";
import { openTables, readMeta, writeMeta } from "./tables.ts";
import { rollUp } from "./usage.ts";

/**
 * How often sending the chunk in hand has failed, may have been shown after all, and was asked to wait; and when it
 * was tried first (Unix milliseconds).
 */
export const SendTries = v.object({
  failures: number,
  uncertain: number,
  waits: number,
  first_at: v.optional(number),
});
export type SendTries = Readonly<v.InferOutput<typeof SendTries>>;
const NO_TRIES: SendTries = { failures: 0, uncertain: 0, waits: 0 };

/**
 * A message on its way through the session.
 * - `waiting`: stored, not answered yet (its turn may be running);
 * - `answered`: the answer is stored, not all of it is delivered;
 * - `done`: delivered, or nothing to deliver.
 */
export interface Exchange {
  readonly seq: number;
  readonly delivery_id: string;
  message: InboundMessage;
  state: "waiting" | "answered" | "done";
  /** How often its turn was started without coming to an end. */
  tries: number;
  outcome: Outcome;
  /** The answer, one for each platform message; empty before there is one, or where nothing is said. */
  chunks: readonly Piece[];
  /** Platform message ids of the chunks delivered so far; null where the platform gave none. */
  sent: readonly (string | null)[];
  /** Whether the next chunk may be on its way: set before it is sent, cleared when it is known not to be shown. */
  sending: boolean;
  /** The platform's id of the message that the answer grows in while it is written; null before there is one. */
  live: string | null;
  /** Whether it may have been shown already, by a try whose end nobody saw. In memory only: `sending` tells it. */
  uncertain: boolean;
  sends: SendTries;
  /** Unix milliseconds before which it is not taken up; null where nothing is waited for. */
  wake_at: number | null;
  /** What the conversation keeps of it; in memory only, from the answer on, and null where it ends without one. */
  said: Answered["said"];
}

/** What a turn's end writes beside the answer. */
export interface Answered {
  readonly outcome: Outcome;
  readonly chunks: readonly Piece[];
  /** Question and answer as later turns see them; null where they are no part of the conversation. */
  readonly said: { readonly question: string; readonly answer: string } | null;
  /** What the turn used, as JSON; null where no endpoint was asked. */
  readonly usage: string | null;
}

/** One platform message of an answer: its text, and the buttons below it if it has any. */
const Piece = v.union([v.string(), v.object({ text: v.string(), keyboard: SentKeyboard })]);
export type Piece = Readonly<v.InferOutput<typeof Piece>>;

const Chunks = v.array(Piece);
const Ids = v.array(v.nullable(v.string()));

const OPEN_COLUMNS =
  "seq, state, tries, sending, wake_at, delivery_id, live, outcome, sent, sends, message, chunks";
type OpenRow = {
  readonly seq: number;
  readonly state: string;
  readonly tries: number;
  readonly sending: number | null;
  readonly wake_at: number | null;
  readonly delivery_id: string;
  readonly live: string | null;
  readonly outcome: string | null;
  readonly sent: string | null;
  readonly sends: string | null;
  readonly message: string | null;
  readonly chunks: string | null;
};
type Column = keyof OpenRow | "kept" | "usage" | "question" | "answer";
type Columns = { readonly [Name in Column]?: SqlValue };

/** What is written of every exchange that is over. */
const OVER = { state: "done", sending: null, wake_at: null, message: null, chunks: null } satisfies Columns;

/**
 * A session's exchanges: question, answer, delivery and usage in one row, which is the inbox, the transcript and
 * the accounts. Every statement is synchronous; the object's output gate makes it durable. Every method throws
 * if the storage fails.
 */
export class Exchanges {
  readonly #sql: Sql;
  readonly #seen = new SeenDeliveries();
  /** Seqs of the unfinished ones. */
  readonly #open = new Set<number>();
  #last = 0;
  #lastAt = 0;
  #rolledTo = 0;
  /** No exchange up to here can make room. */
  #passed = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Opens the tables and reads what is not finished, oldest first. An exchange that this version cannot read is
   * parked: it must not keep the others, or the object, from working.
   */
  open(now: number): Exchange[] {
    openTables(this.#sql, now);
    this.#rolledTo = Number(readMeta(this.#sql, "rolled_to") ?? 0);
    const [newest] = this.#sql.all<{ seq: number; at: number; open_from: number; seen_from: number }>(
      "SELECT seq, at, open_from, seen_from FROM exchanges ORDER BY seq DESC LIMIT 1",
    );
    if (!newest) return [];
    this.#last = newest.seq;
    this.#lastAt = newest.at;
    const remembered = this.#sql.all<{ seq: number; at: number; delivery_id: string }>(
      "SELECT seq, at, delivery_id FROM exchanges WHERE seq >= ? AND at >= ? ORDER BY seq",
      newest.seen_from,
      now - REMEMBER_MS,
    );
    for (const { delivery_id, seq, at } of remembered) this.#seen.add(delivery_id, { seq, at });
    const rows = this.#sql.all<OpenRow>(
      `SELECT ${OPEN_COLUMNS} FROM exchanges WHERE seq >= ? AND state <> 'done' ORDER BY seq`,
      newest.open_from,
    );
    return rows.flatMap((row) => {
      const exchange = readExchange(row);
      if (exchange) {
        this.#open.add(row.seq);
        return exchange;
      }
      log("error", "exchange_unreadable", { seq: row.seq, delivery_id: row.delivery_id, detail: "parked" });
      this.#finish(row.seq, { ...row, reason: "unreadable" }, now);
      return [];
    });
  }

  /** Whether a message with this delivery id has come within the last two days. */
  knows(delivery_id: string): boolean {
    return this.#seen.has(delivery_id);
  }

  /** When the newest message came, in Unix milliseconds; 0 before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /**
   * Stores a new message.
   * @param windowFrom seq from which on exchanges are part of what turns send: those make no room
   */
  insert(message: InboundMessage, json: string, windowFrom: number, now: number): Exchange {
    const seq = this.#last + 1;
    const [openFrom = seq] = this.#open;
    const seenFrom = this.#seen.from(now) ?? seq;
    const values = [seq, "waiting", 0, now, openFrom, seenFrom, 0, message.delivery_id, json];
    const columns = "seq, state, kept, at, open_from, seen_from, tries, delivery_id, message";
    const rest = "sending, wake_at, live, outcome, sent, sends, usage, question, answer, chunks";
    const places = (list: string, place: string) => list.replace(/\w+/g, place);
    const old = this.#spare(openFrom, seenFrom, windowFrom, now);
    if (old === null) {
      this.#sql.all(`INSERT INTO exchanges (${columns}) VALUES (${places(columns, "?")})`, ...values);
    } else {
      // The oldest row becomes the newest: one row written instead of one inserted and one deleted.
      const set = `(${columns}, ${rest}) = (${places(columns, "?")}, ${places(rest, "NULL")})`;
      this.#sql.all(`UPDATE exchanges SET ${set} WHERE seq = ?`, ...values, old);
    }
    this.#last = seq;
    this.#lastAt = now;
    this.#open.add(seq);
    this.#seen.add(message.delivery_id, { seq, at: now });
    return {
      seq,
      delivery_id: message.delivery_id,
      message,
      state: "waiting",
      tries: 0,
      outcome: "ok",
      chunks: [],
      sent: [],
      sending: false,
      live: null,
      uncertain: false,
      sends: NO_TRIES,
      wake_at: null,
      said: null,
    };
  }

  /** Does a write; on a full storage it forgets first what nothing needs, and then, if need be, all that is closed. */
  withRoom<Value>(write: () => Value, windowFrom: number): Value {
    for (const until of [windowFrom, Number.MAX_SAFE_INTEGER]) {
      try {
        return write();
      } catch (error) {
        if (!isFull(error)) throw error;
        const [openFrom = this.#last + 1] = this.#open;
        log("error", "storage_full", { bytes: this.#sql.bytes, detail: "old exchanges are forgotten" });
        this.#sql.all("DELETE FROM parked");
        this.#sql.all("DELETE FROM exchanges WHERE seq < ? AND (kept = 0 OR seq < ?)", openFrom, until);
      }
    }
    return write();
  }

  /** The oldest exchange that nothing needs any more, its usage being in the daily sums; null if there is none. */
  #spare(openFrom: number, seenFrom: number, windowFrom: number, now: number): number | null {
    const before = this.#sql.bytes > MAX_DATABASE_BYTES ? openFrom : Math.min(openFrom, seenFrom);
    const [spare] = this.#sql.all<{ seq: number }>(
      "SELECT seq FROM exchanges WHERE seq > ? AND seq < ? AND (kept = 0 OR seq < ?) ORDER BY seq LIMIT 1",
      this.#passed,
      before,
      windowFrom,
    );
    this.#passed = spare?.seq ?? Math.max(this.#passed, before - 1);
    if (!spare) return null;
    if (spare.seq > this.#rolledTo) this.#rollUp(openFrom, now);
    return spare.seq;
  }

  #rollUp(openFrom: number, now: number): void {
    const to = Math.min(openFrom - 1, this.#passed + ROLL_UP_ROWS);
    this.#sql.atomically(() => {
      rollUp(this.#sql, this.#rolledTo, to, now);
      writeMeta(this.#sql, "rolled_to", String(to));
    });
    this.#rolledTo = to;
  }

  /** The exchange up to which usage is in the daily sums. */
  get rolledTo(): number {
    return this.#rolledTo;
  }

  /** Counts a start that came to no end. */
  count(exchange: Exchange): void {
    exchange.tries++;
    this.#write(exchange.seq, { tries: exchange.tries });
  }

  /** Stores an exchange's answer, which says at once that its first chunk is on its way. */
  answer(exchange: Exchange, { outcome, chunks, said, usage }: Answered): void {
    const { question = null, answer = null } = said ?? {};
    const change = { state: "answered", outcome, wake_at: null } as const;
    this.#write(exchange.seq, {
      ...change,
      chunks: JSON.stringify(chunks),
      sending: 0,
      question,
      answer,
      usage,
    });
    Object.assign(exchange, { ...change, chunks, said, sending: true, uncertain: false });
  }

  /** Ends an exchange of which nothing is delivered. */
  close(exchange: Exchange, { outcome, said, usage }: Omit<Answered, "chunks">): void {
    const { question = null, answer = null } = said ?? {};
    const used = usage === null ? {} : { usage };
    this.#write(exchange.seq, { ...OVER, kept: said ? 1 : 0, outcome, question, answer, ...used });
    this.#closed(exchange, outcome, said);
  }

  /** Replaces what is left to say. */
  replace(exchange: Exchange, outcome: Outcome, chunks: readonly Piece[]): void {
    const columns = { outcome, chunks: JSON.stringify(chunks), question: null, answer: null };
    this.#write(exchange.seq, columns);
    Object.assign(exchange, { outcome, chunks, said: null });
  }

  /** Notes the message ids of what is shown, which stand for its place, and the next chunk as on its way. */
  sent(exchange: Exchange, sent: Exchange["sent"]): void {
    this.#write(exchange.seq, { sent: JSON.stringify(sent), sending: sent.length, sends: null });
    Object.assign(exchange, { sent, sending: true, uncertain: false, sends: NO_TRIES });
  }

  /** Notes the chunk in hand as on its way again, or as known not to be shown, and until when it waits. */
  hold(exchange: Exchange, change: Pick<Exchange, "sending" | "sends" | "wake_at">): void {
    this.#write(exchange.seq, {
      sending: change.sending ? exchange.sent.length : null,
      sends: JSON.stringify(change.sends),
      wake_at: change.wake_at,
    });
    Object.assign(exchange, change);
  }

  /** Ends an exchange whose answer is delivered; it belongs to the conversation if `kept`. */
  done(exchange: Exchange, kept: boolean): void {
    const text = kept ? { kept: 1 } : { kept: 0, question: null, answer: null };
    this.#write(exchange.seq, { ...OVER, ...text, sent: JSON.stringify(exchange.sent) });
    this.#closed(exchange, exchange.outcome, kept ? exchange.said : null);
  }

  /** Gives an exchange up, and keeps its message and what was not said of its answer for the operator. */
  park(exchange: Exchange, reason: ParkedReason, now: number, usage: string | null = null): void {
    const { seq, delivery_id, message, sent, chunks } = exchange;
    const row = { delivery_id, message: JSON.stringify(message), sent: JSON.stringify(sent) };
    this.#finish(seq, { ...row, chunks: JSON.stringify(chunks), reason }, now, usage);
    this.#closed(exchange, exchange.outcome, null);
  }

  /** Notes the message that the answer grows in: whatever comes, the answer ends there. */
  grows(exchange: Exchange, message_id: string): void {
    this.#write(exchange.seq, { live: message_id });
    exchange.live = message_id;
  }

  /** Replaces the stored message, when its address has moved. */
  move(exchange: Exchange, message: InboundMessage): void {
    this.#write(exchange.seq, { message: JSON.stringify(message) });
    exchange.message = message;
  }

  #finish(seq: number, parked: Omit<Parked, "seq" | "at">, now: number, usage: string | null = null): void {
    const used = usage === null ? {} : { usage };
    this.#sql.atomically(() => {
      park(this.#sql, { ...parked, seq, at: now });
      this.#write(seq, { ...OVER, kept: 0, question: null, answer: null, ...used });
    });
  }

  /** Writes these columns of an exchange. */
  #write(seq: number, columns: Columns): void {
    const set = Object.keys(columns).map((name) => `${name} = ?`);
    this.#sql.all(`UPDATE exchanges SET ${set.join(", ")} WHERE seq = ?`, ...Object.values(columns), seq);
  }

  #closed(exchange: Exchange, outcome: Outcome, said: Answered["said"]): void {
    this.#open.delete(exchange.seq);
    Object.assign(exchange, { state: "done", outcome, said, sending: false, wake_at: null });
  }
}

/** Whether the storage has no room: what is deleted makes some (Cloudflare: deletes go on). */
const isFull = (error: unknown): boolean => /SQLITE_FULL|database or disk is full/i.test(String(error));

/** A stored exchange; null where this version cannot read it, or has not its platform. */
function readExchange(row: OpenRow): Exchange | null {
  const message = parsedJson(InboundMessage, row.message);
  const chunks = parsedJson(Chunks, row.chunks ?? "[]");
  const sent = parsedJson(Ids, row.sent ?? "[]");
  if (!message || !chunks || !sent || !findPlatform(message.source.platform)) return null;
  return {
    seq: row.seq,
    delivery_id: row.delivery_id,
    message,
    state: row.state === "answered" ? "answered" : "waiting",
    tries: row.tries,
    outcome: readOutcome(row.outcome),
    chunks,
    sent,
    sending: row.sending !== null,
    live: row.live,
    uncertain: row.sending !== null,
    sends: parsedJson(SendTries, row.sends) ?? NO_TRIES,
    wake_at: row.wake_at,
    said: null,
  };
}
