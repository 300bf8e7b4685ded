import * as z from "zod/mini";
import type { InboundMessage } from "../platforms/platform.ts";
import { CHAT_TYPES, PLATFORMS } from "../routing/types.ts";
import { REMEMBER_DONE_MS, REMEMBER_PARKED_MS } from "./limits.ts";

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
  /** How often its turn was started. */
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

const optionalText = z.optional(z.string());
const storedMessage = z.object({
  delivery_id: z.string(),
  source: z.object({
    platform: z.enum(PLATFORMS),
    chat_type: z.enum(CHAT_TYPES),
    chat_id: optionalText,
    user_id: optionalText,
    user_name: optionalText,
    thread_id: optionalText,
    guild_id: optionalText,
    verified: z.optional(z.boolean()),
  }),
  text: z.string(),
  literal: z.optional(z.literal(true)),
  preface: optionalText,
  attachments: z.optional(
    z.array(
      z.object({
        kind: z.enum(["image", "voice", "document"]),
        ref: z.string(),
        mime: optionalText,
        bytes: z.optional(z.number()),
        quoted: z.optional(z.literal(true)),
      }),
    ),
  ),
  address: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  received_at: z.number(),
});
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

  /** Stores a new message; null if this delivery id is known. `tries` counts a turn that starts at once. */
  insert(message: InboundMessage, tries: number, now: number): InboxRow | null {
    const inserted = this.#sql
      .exec<{ seq: number }>(
        `INSERT INTO inbox (delivery_id, state, tries, message, updated_at) VALUES (?, 'waiting', ?, ?, ?)
         ON CONFLICT (delivery_id) DO NOTHING RETURNING seq`,
        message.delivery_id,
        tries,
        JSON.stringify(message),
        now,
      )
      .next();
    if (inserted.done) return null;
    return {
      seq: inserted.value.seq,
      message,
      state: "waiting",
      tries,
      chunks: null,
      sent: [],
      outcome: "ok",
    };
  }

  /** Everything not finished, in arrival order. */
  open(): InboxRow[] {
    return this.#sql
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
      .toArray()
      .map((row) => ({
        seq: row.seq,
        message: storedMessage.parse(JSON.parse(row.message)),
        state: row.state === "answered" ? "answered" : "waiting",
        tries: row.tries,
        chunks: storedChunks.parse(JSON.parse(row.chunks ?? "null")),
        sent: storedIds.parse(JSON.parse(row.sent)),
        outcome: row.outcome,
      }));
  }

  /** Whether anything is not finished. */
  hasOpen(): boolean {
    return !this.#sql.exec("SELECT 1 FROM inbox WHERE state IN ('waiting', 'answered') LIMIT 1").next().done;
  }

  /** Writes a row's progress. A finished row keeps only what recognises a redelivery. */
  save(row: InboxRow, now: number): void {
    const finished = row.state === "done";
    this.#sql.exec(
      `UPDATE inbox SET state = ?, tries = ?, message = iif(?, NULL, message), chunks = ?, sent = ?, outcome = ?,
       updated_at = ? WHERE seq = ?`,
      row.state,
      row.tries,
      finished ? 1 : 0,
      finished || row.chunks === null ? null : JSON.stringify(row.chunks),
      JSON.stringify(row.sent),
      row.outcome,
      now,
      row.seq,
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
    return this.#sql
      .exec<{ messages: number; parked: number }>(
        `SELECT (SELECT count(*) FROM transcript) AS messages,
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

  deleteMeta(key: string): void {
    this.#sql.exec("DELETE FROM meta WHERE key = ?", key);
  }

  /** Forgets what no redelivery can ask for any more. */
  prune(now: number): void {
    this.#sql.exec(
      "DELETE FROM inbox WHERE (state = 'done' AND updated_at < ?) OR (state = 'parked' AND updated_at < ?)",
      now - REMEMBER_DONE_MS,
      now - REMEMBER_PARKED_MS,
    );
  }
}
