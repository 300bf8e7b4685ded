import * as v from "valibot";
import type { Sql } from "../../lib/ports.ts";
import { number, parsedJson } from "../../lib/schema.ts";
import type { Entry } from "./entries.ts";
import { FORGET_PER_LOOK, FORGET_SEEN_MS, MAX_SEEN } from "./limits.ts";

/**
 * What is known of a failure until the inbox can be read again: since when; since when Hub has answered 500 and
 * nothing else; what was said of it in the log. Times in Unix milliseconds.
 */
const Trouble = v.object({
  since: number,
  failing_since: v.nullable(number),
  said: v.array(v.string()),
});
export type Trouble = Readonly<v.InferOutput<typeof Trouble>>;

/** A kept entry: it is to be answered, or it would not have been kept. */
const Kept = v.object({
  id: v.string(),
  markable: v.boolean(),
  from: v.string(),
  text: v.string(),
  sent_at: v.nullable(number),
  read: v.boolean(),
  priority: v.nullable(v.string()),
  uninteresting: v.custom<null>((value) => value === null),
}) satisfies v.GenericSchema<Entry>;

/**
 * What the inbox's reader remembers for good (docs/storage.md): entries that are dealt with (`hub_seen`), entries
 * that are marked read at Hub and not dealt with yet (`hub_kept`), and three facts (`hub_meta`). All of it is
 * bounded.
 */
export class InboxStore {
  readonly #sql: Sql;
  /** By id: since when a reading has not listed it (Unix milliseconds); null while one does. */
  readonly #seen = new Map<string, number | null>();
  readonly #kept = new Map<string, Entry>();

  constructor(sql: Sql) {
    this.#sql = sql;
    const tables = sql.all("SELECT name FROM sqlite_master WHERE name IN ('hub_seen', 'hub_meta')");
    sql.all("CREATE TABLE IF NOT EXISTS hub_seen (id TEXT PRIMARY KEY) WITHOUT ROWID");
    sql.all("CREATE TABLE IF NOT EXISTS hub_kept (id TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID");
    sql.all("CREATE TABLE IF NOT EXISTS hub_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
    // An object of version 0.1 had its first look long ago.
    if (tables.length === 1) this.#set("answer_from", 0);
    for (const { id } of sql.all<{ id: string }>("SELECT id FROM hub_seen")) this.#seen.set(id, null);
    for (const { id, entry } of sql.all<{ id: string; entry: string }>("SELECT id, entry FROM hub_kept")) {
      const kept = parsedJson(Kept, entry);
      if (kept) this.#kept.set(id, kept);
    }
  }

  /** Whether an entry was handed to its session, or passed over for good. */
  has(id: string): boolean {
    return this.#seen.has(id);
  }

  /** For how many entries more there is room. */
  get room(): number {
    return MAX_SEEN - this.#seen.size;
  }

  /** Remembers an entry as dealt with. */
  settle(id: string): void {
    if (this.#kept.has(id)) {
      this.#sql.atomically(() => {
        this.#insert(id);
        this.drop(id);
      });
    } else {
      this.#insert(id);
    }
  }

  #insert(id: string): void {
    this.#sql.all("INSERT OR IGNORE INTO hub_seen (id) VALUES (?)", id);
    this.#seen.set(id, null);
  }

  /**
   * Forgets what Hub no longer lists as unread, an hour after it stopped: a list that is empty by mistake must not
   * make it answer again. Sooner only where the room is needed. `listed`: what a whole reading listed.
   */
  forget(listed: ReadonlySet<string>, now: number): void {
    let left = FORGET_PER_LOOK;
    for (const [id, since] of this.#seen) {
      if (listed.has(id)) this.#seen.set(id, null);
      else if (since === null) this.#seen.set(id, now);
      else if (left > 0 && (now - since >= FORGET_SEEN_MS || this.room <= 0)) {
        left--;
        this.#sql.all("DELETE FROM hub_seen WHERE id = ?", id);
        this.#seen.delete(id);
      }
    }
  }

  /** Entries that are marked read at Hub and not dealt with. */
  kept(): readonly Entry[] {
    return [...this.#kept.values()];
  }

  isKept(id: string): boolean {
    return this.#kept.has(id);
  }

  /** Forgets a kept entry. */
  drop(id: string): void {
    if (!this.#kept.delete(id)) return;
    this.#sql.all("DELETE FROM hub_kept WHERE id = ?", id);
  }

  /** Sent before this (Unix milliseconds), a message is not answered; null before the first look. */
  get answer_from(): number | null {
    return this.#get(number, "answer_from");
  }

  startAnswering(from: number): void {
    this.#set("answer_from", from);
  }

  /** When marking all read was begun, if what it took is not known for certain yet (Unix milliseconds). */
  get marking(): number | null {
    return this.#get(number, "marking");
  }

  beginMarking(now: number): void {
    this.#set("marking", now);
  }

  /** Stores what marking took besides what was dealt with; `certain`: that is all of it. */
  endMarking(taken: readonly Entry[], certain: boolean): void {
    this.#sql.atomically(() => {
      for (const entry of taken) {
        this.#sql.all(
          "INSERT OR IGNORE INTO hub_kept (id, entry) VALUES (?, ?)",
          entry.id,
          JSON.stringify(entry),
        );
      }
      if (certain) this.#set("marking", null);
    });
    for (const entry of taken) this.#kept.set(entry.id, entry);
  }

  get trouble(): Trouble | null {
    return this.#get(Trouble, "trouble");
  }

  set trouble(trouble: Trouble | null) {
    this.#set("trouble", trouble);
  }

  #get<const Schema extends v.GenericSchema>(schema: Schema, key: string): v.InferOutput<Schema> | null {
    const [row] = this.#sql.all<{ value: string }>("SELECT value FROM hub_meta WHERE key = ?", key);
    return parsedJson(schema, row?.value);
  }

  #set(key: string, value: unknown): void {
    if (value === null) this.#sql.all("DELETE FROM hub_meta WHERE key = ?", key);
    else {
      this.#sql.all("INSERT OR REPLACE INTO hub_meta (key, value) VALUES (?, ?)", key, JSON.stringify(value));
    }
  }
}
