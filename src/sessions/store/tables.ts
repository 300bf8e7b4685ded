import type * as v from "valibot";
import { log } from "../../lib/log.ts";
import type { Sql } from "../../lib/ports.ts";
import { parsedJson } from "../../lib/schema.ts";
import { takeOverFirstVersion } from "./first-version.ts";

/** What the tables below are called in `meta`; a change that an older version could not read raises it. */
const VERSION = 2;

/**
 * Makes the tables where they are missing, and takes over what an earlier version left. docs/storage.md has
 * every column. An exchange has no index beside its own order: each row written is paid for, so that the rows
 * carry two marks instead, `open_from` and `seen_from`, from which on there may be unfinished exchanges and
 * delivery ids to remember.
 * @throws if the storage fails
 */
export function openTables(sql: Sql, now: number): void {
  const tables = sql.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
  const has = (name: string) => tables.some((table) => table.name === name);
  if (!has("meta") || !has("exchanges")) for (const table of TABLES) sql.all(table);
  if (has("inbox")) sql.atomically(() => takeOverFirstVersion(sql, now));
  const version = Number(readMeta(sql, "version") ?? 0);
  if (version < VERSION) writeMeta(sql, "version", String(VERSION));
  else if (version > VERSION) log("warn", "storage_newer", { version, known: VERSION });
}

export const META_TABLE =
  "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";

const TABLES = [
  `CREATE TABLE IF NOT EXISTS exchanges (
    seq INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    kept INTEGER NOT NULL,
    at INTEGER NOT NULL,
    open_from INTEGER NOT NULL,
    seen_from INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    sending INTEGER,
    wake_at INTEGER,
    delivery_id TEXT NOT NULL,
    live TEXT,
    outcome TEXT,
    sent TEXT,
    sends TEXT,
    usage TEXT,
    message TEXT,
    question TEXT,
    answer TEXT,
    chunks TEXT
  )`,
  `CREATE TABLE IF NOT EXISTS parked (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    sent TEXT,
    message TEXT,
    chunks TEXT
  )`,
  `CREATE TABLE IF NOT EXISTS usage (
    day INTEGER NOT NULL,
    model TEXT NOT NULL,
    turns INTEGER NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    cost REAL,
    PRIMARY KEY (day, model)
  ) WITHOUT ROWID`,
  META_TABLE,
];

/** Whether anything of the gateway's has ever been stored here: the runtime has tables of its own. */
export const isMade = (sql: Sql): boolean =>
  sql.all("SELECT 1 FROM sqlite_master WHERE name = 'meta'").length > 0;

/** A single value of the session's own, by name; null if there is none. */
export function readMeta(sql: Sql, key: string): string | null {
  return sql.all<{ value: string }>("SELECT value FROM meta WHERE key = ?", key)[0]?.value ?? null;
}

/** The same of a value that is stored as JSON; null too where this version cannot read it. */
export const readMetaAs = <const Schema extends v.GenericSchema>(schema: Schema, sql: Sql, key: string) =>
  parsedJson(schema, readMeta(sql, key));

export function deleteMeta(sql: Sql, key: string): void {
  sql.all("DELETE FROM meta WHERE key = ?", key);
}

export function writeMeta(sql: Sql, key: string, value: string): void {
  sql.all(
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    key,
    value,
  );
}
