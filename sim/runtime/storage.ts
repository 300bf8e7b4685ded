import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { known } from "./known.ts";

/** The longest string or blob that a Durable Object's SQLite takes, in bytes. */
const MAX_VALUE_BYTES = 2 * 1024 * 1024;
const PAGE_BYTES = 4_096;
const DEFINES = /^\s*(?:create|drop|alter)\b/i;
const WRITES = /^\s*(?:insert|update|delete|replace|create|drop|alter)\b/i;

interface QueryKind {
  readonly writes: boolean;
  /** It changes which tables there are. */
  readonly defines: boolean;
  /** It is more than one statement. */
  readonly several: boolean;
}

const kinds = new Map<string, QueryKind>();

const kindOf = (query: string): QueryKind =>
  known(kinds, query, () => ({
    writes: WRITES.test(query),
    defines: DEFINES.test(query),
    several: /;\s*\S/.test(query),
  }));

/** What the storage asks of the object that uses it. */
export interface StorageUser {
  /** Before each call. @throws Gone, or what a storage that is out throws */
  beforeStorage(write: boolean): void;
  /** The first write of a macrotask: it is to be committed at its end. */
  dirtied(): void;
}

/**
 * A Durable Object's storage: an SQLite of its own and one alarm, which outlive the object. Writes of one
 * macrotask are one batch, committed at its end; whatever ends the object before that takes them back.
 */
export class SimulatedStorage {
  readonly #db = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  /** The code's own tables; null where that may have changed. */
  #tables: ReadonlySet<string> | null = null;
  /** Whether the batch changes which tables there are. */
  #redefined = false;
  #batch = false;
  #depth = 0;
  /** The alarm as it is stored, and as the batch leaves it (Unix milliseconds). */
  #alarm: number | null = null;
  #alarmInBatch: number | null = null;
  user: StorageUser | null = null;

  constructor() {
    this.#db.exec("CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  }

  /** Whether there are writes that are not committed yet. */
  get dirty(): boolean {
    return this.#batch;
  }

  /** The stored alarm. */
  get alarm(): number | null {
    return this.#alarm;
  }

  get bytes(): number {
    return Number(this.#statement("PRAGMA page_count").get()?.page_count) * PAGE_BYTES;
  }

  /** Runs one statement, or several without values, and returns the rows of the only one. */
  exec(query: string, values: readonly unknown[]): Record<string, unknown>[] {
    const { writes, defines, several } = kindOf(query);
    this.user?.beforeStorage(writes);
    if (writes) this.#begin();
    if (defines) this.#redefine();
    for (const value of values) refuseLong(value);
    if (several && values.length === 0) {
      this.#db.exec(query);
      return [];
    }
    return this.#statement(query).all(...values.map(inputOf));
  }

  /** All or nothing, within the batch. */
  transactionSync<Value>(writes: () => Value): Value {
    this.user?.beforeStorage(true);
    this.#begin();
    const name = `nested${this.#depth++}`;
    const alarmBefore = this.#alarmInBatch;
    this.#statement(`SAVEPOINT ${name}`).run();
    try {
      const value = writes();
      if (this.#batch) this.#statement(`RELEASE ${name}`).run();
      return value;
    } catch (error) {
      if (this.#batch) this.#db.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      this.#alarmInBatch = alarmBefore;
      throw error;
    } finally {
      this.#depth--;
    }
  }

  setAlarm(at: number | null): void {
    this.user?.beforeStorage(true);
    this.#begin();
    this.#alarmInBatch = at;
  }

  getAlarm(): number | null {
    this.user?.beforeStorage(false);
    return this.#batch ? this.#alarmInBatch : this.#alarm;
  }

  /** The alarm is about to ring: it is stored no more, unless it is set again. */
  takeAlarm(): void {
    this.#alarm = null;
    this.#alarmInBatch = null;
  }

  /** A ring that failed is to be repeated. */
  restoreAlarm(at: number): void {
    this.#alarm = at;
  }

  commit(): void {
    if (!this.#batch) return;
    this.#statement("COMMIT").run();
    this.#batch = false;
    this.#alarm = this.#alarmInBatch;
  }

  rollback(): void {
    if (!this.#batch) return;
    this.#statement("ROLLBACK").run();
    this.#batch = false;
    if (this.#redefined) this.#tables = null;
  }

  /** Forgets everything, the alarm too. */
  deleteAll(): void {
    this.user?.beforeStorage(true);
    this.#begin();
    this.#alarmInBatch = null;
    for (const name of this.#names()) this.#db.exec(`DROP TABLE "${name}"`);
    this.#redefine();
    this.#db.exec("DELETE FROM _cf_KV");
  }

  #redefine(): void {
    this.#tables = null;
    this.#redefined = true;
  }

  has(table: string): boolean {
    return this.#names().has(table);
  }

  #names(): ReadonlySet<string> {
    const query =
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_cf_KV'";
    this.#tables ??= new Set(
      this.#statement(query)
        .all()
        .map(({ name }) => String(name)),
    );
    return this.#tables;
  }

  /** Looks at the tables past every rule, for the judges. */
  inspect(query: string): Record<string, unknown>[] {
    return this.#statement(query).all();
  }

  close(): void {
    this.#db.close();
  }

  #begin(): void {
    if (this.#batch) return;
    this.#statement("BEGIN").run();
    this.#batch = true;
    this.#redefined = false;
    this.#alarmInBatch = this.#alarm;
    this.user?.dirtied();
  }

  #statement(query: string): StatementSync {
    return known(this.#statements, query, () => this.#db.prepare(query));
  }
}

function refuseLong(value: unknown): void {
  // A UTF-16 unit takes three bytes at most.
  if (typeof value !== "string" || value.length * 3 <= MAX_VALUE_BYTES) return;
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES) throw new Error("string or blob too big: SQLITE_TOOBIG");
}

function inputOf(value: unknown): SQLInputValue {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite takes no ${typeof value}`);
}
