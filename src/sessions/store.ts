import * as z from "zod/mini";
import { parseJson } from "../lib/json.ts";
import { log } from "../lib/log.ts";
import { InboundMessage } from "../message/message.ts";
import { findPlatform } from "../platforms/index.ts";

import { PRUNE_ROWS, REMEMBER_DONE_MS, REMEMBER_PARKED_MS } from "./limits.ts";

/**
 * - `waiting`: stored, not answered yet (its turn may be running);
 * - `answered`: the answer is stored, not all of it is delivered;
 * - `done`: delivered, or nothing to deliver; kept so that a redelivery is recognised;
 * - `parked`: given up on; the message and the rest of its answer are kept.
 */
export type InboxState = "waiting" | "answered" | "done" | "parked";

/** A message on its way through the session, as `inbox` stores it. */
export interface InboxRow {
  readonly seq: number;
  message: InboundMessage;
  state: InboxState;
  /** How often its turn was started without coming to an end. */
  tries: number;
  /** The answer, one string per platform message; null before there is one. */
  chunks: readonly string[] | null;
  /** Platform message ids of the chunks delivered so far; null where the platform gave none. */
  sent: readonly (string | null)[];
  /** `ok`, or the reason it will be parked or dropped for. */
  outcome: string;
}

export interface TranscriptEntry {
  readonly role: "user" | "assistant";
  readonly content: string;
  readonly tokens: number;
}

const storedChunks = z.nullable(z.array(z.string()));
const storedIds = z.array(z.nullable(z.string()));

/** A session's tables. Every statement is synchronous; the object's output gate makes it durable. */
export class SessionStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS inbox (
        seq INTEGER PRIMARY KEY,
        delivery_id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        tries INTEGER NOT NULL,
        message TEXT,
        chunks TEXT,
        sent TEXT NOT NULL DEFAULT '[]',
        outcome TEXT NOT NULL DEFAULT 'ok',
        updated_at INTEGER NOT NULL
      );
      CREATE INDEX IF NOT EXISTS inbox_open ON inbox (seq) WHERE state IN ('waiting', 'answered');
      CREATE TABLE IF NOT EXISTS transcript (
        seq INTEGER PRIMARY KEY,
        role TEXT NOT NULL,
        content TEXT NOT NULL,
        tokens INTEGER NOT NULL,
        at INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    `);
  }

  /** Runs the writes as one: all or none. */
  atomically(writes: () => void): void {
    this.#storage.transactionSync(writes);
  }

  /** Stores a new message; null if this delivery id is known. */
  insert(message: InboundMessage, now: number): InboxRow | null {
    const inserted = this.#sql
      .exec<{ seq: number }>(
        `INSERT INTO inbox (delivery_id, state, tries, message, updated_at) VALUES (?, 'waiting', 0, ?, ?)
         ON CONFLICT (delivery_id) DO NOTHING RETURNING seq`,
        message.delivery_id,
        JSON.stringify(message),
        now,
      )
      .next();
    if (inserted.done) return null;
    return {
      seq: inserted.value.seq,
      message,
      state: "waiting",
      tries: 0,
      chunks: null,
      sent: [],
      outcome: "ok",
    };
  }

  /**
   * Everything not finished, in arrival order. A row that this version cannot read is parked: it must not keep
   * the others, or the object, from working.
   */
  open(): InboxRow[] {
    const rows = this.#sql
      .exec<{
        seq: number;
        state: string;
        tries: number;
        message: string;
        chunks: string | null;
        sent: string;
        outcome: string;
      }>(
        `SELECT seq, state, tries, message, chunks, sent, outcome FROM inbox
         WHERE state IN ('waiting', 'answered') ORDER BY seq`,
      )
      .toArray();
    return rows.flatMap(({ seq, state, tries, message: json, chunks, sent, outcome }) => {
      const message = readMessage(json);
      if (message) {
        return {
          seq,
          message,
          state: state === "answered" ? "answered" : "waiting",
          tries,
          chunks: storedChunks.parse(JSON.parse(chunks ?? "null")),
          sent: storedIds.parse(JSON.parse(sent)),
          outcome,
        };
      }
      log("error", "row_unreadable", { seq, detail: "parked: not a message of this version" });
      this.#sql.exec("UPDATE inbox SET state = 'parked', outcome = 'unreadable' WHERE seq = ?", seq);
      return [];
    });
  }

  /** Whether anything is not finished. */
  hasOpen(): boolean {
    return !this.#sql.exec("SELECT 1 FROM inbox WHERE state IN ('waiting', 'answered') LIMIT 1").next().done;
  }

  /** Writes a row's progress. A finished row keeps only what recognises a redelivery. */
  save({ seq, state, tries, chunks, sent, outcome }: InboxRow, now: number): void {
    if (state === "done") {
      this.#sql.exec(
        `UPDATE inbox SET state = 'done', message = NULL, chunks = NULL, sent = ?, outcome = ?, updated_at = ?
         WHERE seq = ?`,
        JSON.stringify(sent),
        outcome,
        now,
        seq,
      );
      return;
    }
    this.#sql.exec(
      "UPDATE inbox SET state = ?, tries = ?, chunks = ?, sent = ?, outcome = ?, updated_at = ? WHERE seq = ?",
      state,
      tries,
      chunks === null ? null : JSON.stringify(chunks),
      JSON.stringify(sent),
      outcome,
      now,
      seq,
    );
  }

  /** Replaces the stored message, when its address has moved. */
  saveMessage(row: InboxRow): void {
    this.#sql.exec("UPDATE inbox SET message = ? WHERE seq = ?", JSON.stringify(row.message), row.seq);
  }

  append(entries: readonly TranscriptEntry[], now: number): void {
    for (const { role, content, tokens } of entries) {
      this.#sql.exec(
        "INSERT INTO transcript (role, content, tokens, at) VALUES (?, ?, ?, ?)",
        role,
        content,
        tokens,
        now,
      );
    }
  }

  /** The newest entries whose tokens fit the budget, oldest first; reads only those. */
  recent(budget: number): TranscriptEntry[] {
    const entries: TranscriptEntry[] = [];
    let left = budget;
    for (const row of this.#sql.exec<{ role: string; content: string; tokens: number }>(
      "SELECT role, content, tokens FROM transcript ORDER BY seq DESC",
    )) {
      left -= row.tokens;
      if (left < 0) break;
      entries.push({
        role: row.role === "assistant" ? "assistant" : "user",
        content: row.content,
        tokens: row.tokens,
      });
    }
    return entries.reverse();
  }

  clearTranscript(): void {
    this.#sql.exec("DELETE FROM transcript");
  }

  /** How many messages the transcript holds, and how many are parked. */
  counts(): { messages: number; parked: number } {
    // The transcript has no gaps: it only grows, or is emptied.
    return this.#sql
      .exec<{ messages: number; parked: number }>(
        `SELECT (SELECT ifnull(max(seq) - min(seq) + 1, 0) FROM transcript) AS messages,
                (SELECT count(*) FROM inbox WHERE state = 'parked') AS parked`,
      )
      .one();
  }

  meta(key: string): string | null {
    const found = this.#sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = ?", key).next();
    return found.done ? null : found.value.value;
  }

  setMeta(key: string, value: string): void {
    this.#sql.exec(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key,
      value,
    );
  }

  /** Forgets the oldest rows that no redelivery can ask for any more; a part of them at a time. */
  prune(now: number): void {
    this.#sql.exec(
      `DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox ORDER BY seq LIMIT ${PRUNE_ROWS})
       AND ((state = 'done' AND updated_at < ?) OR (state = 'parked' AND updated_at < ?))`,
      now - REMEMBER_DONE_MS,
      now - REMEMBER_PARKED_MS,
    );
  }

  /** When the oldest finished row may be forgotten, in Unix milliseconds; null if there is none. */
  nextExpiry(): number | null {
    const oldest = this.#sql
      .exec<{ state: string; updated_at: number }>(
        "SELECT state, updated_at FROM inbox WHERE state IN ('done', 'parked') ORDER BY seq LIMIT 1",
      )
      .next();
    if (oldest.done) return null;
    const { state, updated_at } = oldest.value;
    return updated_at + (state === "done" ? REMEMBER_DONE_MS : REMEMBER_PARKED_MS);
  }
}

/** A stored message; null where it is not one, or of a platform that this version has not. */
function readMessage(json: string): InboundMessage | null {
  const message = InboundMessage.safeParse(parseJson(json)).data;
  return message && findPlatform(message.source.platform) ? message : null;
}
