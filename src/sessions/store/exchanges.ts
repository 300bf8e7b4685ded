import { log } from "../../lib/log.ts";
import type { Sql, SqlValue } from "../../lib/ports.ts";
import { parsedJson } from "../../lib/schema.ts";
import type { InboundMessage } from "../../message/message.ts";
import { REMEMBER_MS } from "../limits.ts";
import { type Outcome, type ParkedReason, treatmentOf } from "../outcome.ts";
import { dropExchange } from "./conversation.ts";
import {
  type Answered,
  type Column,
  type Exchange,
  Ids,
  NO_TRIES,
  newExchange,
  OPEN_COLUMNS,
  type OpenRow,
  type Piece,
  readExchange,
} from "./exchange.ts";
import { type Parked, park } from "./parked.ts";
import { SeenDeliveries } from "./seen.ts";
import { SpareRows, withRoom } from "./spare-rows.ts";
import { openTables } from "./tables.ts";

/**
 * A session's exchanges: question, answer, delivery and usage in one row, which is the inbox, the transcript and
 * the accounts. Every statement is synchronous; the object's output gate makes it durable. Every method throws
 * if the storage fails.
 */
export class Exchanges {
  readonly #sql: Sql;
  readonly #seen = new SeenDeliveries();
  readonly #spare: SpareRows;
  /** Seqs of the unfinished ones. */
  readonly #open = new Set<number>();
  #last = 0;
  #lastAt = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#spare = new SpareRows(sql);
  }

  /**
   * Opens the tables and reads what is not finished, oldest first. An exchange that this version cannot read is
   * parked: it must not keep the others, or the object, from working.
   */
  open(now: number): Exchange[] {
    openTables(this.#sql, now);
    this.#spare.open();
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

  /** What a message that is over came to, and what its sender sees of its answer; null where it is forgotten. */
  endOf(delivery_id: string): { readonly outcome: string; readonly text: string } | null {
    const [end] = this.#sql.all<{ outcome: string; sent: string | null }>(
      `SELECT ifnull(reason, outcome) AS outcome, ifnull(parked.sent, exchanges.sent) AS sent
       FROM exchanges LEFT JOIN parked USING (seq) WHERE seq = ?`,
      this.#seen.seqOf(delivery_id) ?? null,
    );
    return end ? { outcome: end.outcome, text: parsedJson(Ids, end.sent)?.join("") ?? "" } : null;
  }

  /** When the newest message came, in Unix milliseconds; 0 before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /**
   * Stores a new message; on a full storage with what is forgotten to make room for it.
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
    const write = () => {
      const old = this.#spare.take({ openFrom, seenFrom, windowFrom }, now);
      if (old === null) {
        this.#sql.all(`INSERT INTO exchanges (${columns}) VALUES (${places(columns, "?")})`, ...values);
      } else {
        // The oldest row becomes the newest: one row written instead of one inserted and one deleted.
        const set = `(${columns}, ${rest}) = (${places(columns, "?")}, ${places(rest, "NULL")})`;
        this.#sql.all(`UPDATE exchanges SET ${set} WHERE seq = ?`, ...values, old);
      }
    };
    withRoom(this.#sql, write, { openFrom, windowFrom });
    this.#last = seq;
    this.#lastAt = now;
    this.#open.add(seq);
    this.#seen.add(message.delivery_id, { seq, at: now });
    return newExchange(seq, message);
  }

  /** The exchange up to which usage is in the daily sums. */
  get rolledTo(): number {
    return this.#spare.rolledTo;
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
    const columns = { kept: said ? 1 : 0, outcome, question, answer, ...used };
    this.#write(exchange.seq, { ...over(outcome, exchange.message), ...columns });
    if (said) this.#replace(exchange);
    this.#closed(exchange, outcome, said);
  }

  /** Replaces what is left to say, and what the conversation keeps of it, where it keeps nothing of such an outcome. */
  replace(exchange: Exchange, outcome: Outcome, chunks: readonly Piece[]): void {
    const { kept } = treatmentOf(outcome);
    const gone = kept ? {} : { question: null, answer: null };
    this.#write(exchange.seq, { outcome, chunks: JSON.stringify(chunks), ...gone });
    Object.assign(exchange, { outcome, chunks, ...(!kept && { said: null }) });
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
    const columns = { ...text, sent: JSON.stringify(exchange.sent) };
    this.#write(exchange.seq, { ...over(exchange.outcome, exchange.message), ...columns });
    if (kept) this.#replace(exchange);
    this.#closed(exchange, exchange.outcome, kept ? exchange.said : null);
  }

  /** Takes out what this one is kept instead of; in one commit with its end, as nothing is awaited in between. */
  #replace({ message: { replaces } }: Exchange): void {
    if (replaces !== undefined) dropExchange(this.#sql, replaces);
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
      this.#write(seq, { ...over(), kept: 0, question: null, answer: null, ...used });
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

type Columns = { readonly [Name in Column]?: SqlValue };

/**
 * What is written of an exchange that is over. Its message stays where it can be asked again (`lastAsked`) and its
 * question would not do: what was stopped has none, and files are not in it.
 */
const over = (outcome?: Outcome, message?: InboundMessage): Columns => ({
  state: "done",
  sending: null,
  wake_at: null,
  chunks: null,
  ...(outcome !== "stopped" && (outcome === "joined" || !message?.attachments) && { message: null }),
});
