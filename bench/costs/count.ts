import type { Alarm, Kv, Sql, SqlValue } from "../../src/lib/ports.ts";

/** What Cloudflare bills, and what it costs to get there. */
export const NOTHING = {
  /** Rows as the runtime counts them (`rowsWritten`, indexes included), and one for each alarm that is set. */
  rows_written: 0,
  rows_read: 0,
  statements: 0,
  /** Bytes of the values bound to statements: UTF-8 for text, 8 for a number. */
  bound_bytes: 0,
  worker_requests: 0,
  /** Calls of Durable Objects, and alarms that rang. */
  object_requests: 0,
  kv_reads: 0,
  /** Removals too: they cost the same. */
  kv_writes: 0,
};
export type Costs = typeof NOTHING;

/** Adds what has been spent, beyond what had been spent before. */
export function addCosts(total: Costs, spent: Costs, before: Costs = NOTHING): void {
  for (const key of Object.keys(NOTHING) as (keyof Costs)[]) total[key] += spent[key] - before[key];
}

const encoder = new TextEncoder();

/** A Durable Object's storage, every statement counted. */
export function countedSql(storage: DurableObjectStorage, costs: Costs): Sql {
  return {
    all<Row extends { readonly [column: string]: SqlValue }>(query: string, ...values: readonly SqlValue[]) {
      const cursor = storage.sql.exec<Row & Record<string, SqlStorageValue>>(query, ...values);
      const rows = cursor.toArray();
      costs.statements++;
      costs.rows_read += cursor.rowsRead;
      costs.rows_written += cursor.rowsWritten;
      for (const value of values) costs.bound_bytes += bytesOf(value);
      return rows;
    },
    atomically: (writes) => storage.transactionSync(writes),
    get bytes() {
      return storage.sql.databaseSize;
    },
  };
}

function bytesOf(value: SqlValue): number {
  if (value === null) return 0;
  return typeof value === "number" ? 8 : encoder.encode(value).byteLength;
}

/** An alarm that somebody else rings; setting it counts as a row. */
export class CountedAlarm implements Alarm {
  /** When it rings (Unix milliseconds); null while it is not set. */
  at: number | null = null;
  readonly #costs: Costs;

  constructor(costs: Costs) {
    this.#costs = costs;
  }

  set(at: number): void {
    this.at = at;
    this.#costs.rows_written++;
  }

  clear(): void {
    this.at = null;
  }
}

/** A KV that shows a write at once. */
export class CountedKv implements Kv {
  readonly #costs: Costs;
  readonly #values: Map<string, string>;

  constructor(costs: Costs, values: Map<string, string>) {
    this.#costs = costs;
    this.#values = values;
  }

  async get(key: string): Promise<string | null> {
    this.#costs.kv_reads++;
    return this.#values.get(key) ?? null;
  }

  async put(key: string, value: string): Promise<void> {
    this.#costs.kv_writes++;
    this.#values.set(key, value);
  }

  async delete(key: string): Promise<void> {
    this.#costs.kv_writes++;
    this.#values.delete(key);
  }
}
