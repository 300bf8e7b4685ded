import { DatabaseSync } from "node:sqlite";
import type { Kv, Sql, SqlValue } from "../../src/lib/ports.ts";

/** A Durable Object's SQLite, in memory. */
export function memorySql(): Sql {
  const database = new DatabaseSync(":memory:");
  return {
    all: <Row extends { readonly [column: string]: SqlValue }>(
      query: string,
      ...values: readonly SqlValue[]
    ) => database.prepare(query).all(...values) as Row[],
    atomically(writes) {
      database.exec("SAVEPOINT writes");
      try {
        const value = writes();
        database.exec("RELEASE writes");
        return value;
      } catch (error) {
        database.exec("ROLLBACK TO writes");
        database.exec("RELEASE writes");
        throw error;
      }
    },
    get bytes() {
      const [pages] = database.prepare("PRAGMA page_count").all();
      return Number(pages?.page_count ?? 0) * 4096;
    },
  };
}

/** A KV whose every operation can be made to fail, or to wait. */
export class MemoryKv implements Kv {
  readonly values = new Map<string, string>();
  /** Operations so far: `put`, `get` or `delete`, and the key. */
  readonly calls: string[] = [];
  /** Called before each operation; what it throws, the operation throws. */
  before: (operation: "get" | "put" | "delete") => Promise<void> = async () => {};

  async get(key: string): Promise<string | null> {
    await this.#called("get", key);
    return this.values.get(key) ?? null;
  }

  async put(key: string, value: string): Promise<void> {
    await this.#called("put", key);
    this.values.set(key, value);
  }

  async delete(key: string): Promise<void> {
    await this.#called("delete", key);
    this.values.delete(key);
  }

  async #called(operation: "get" | "put" | "delete", key: string): Promise<void> {
    this.calls.push(`${operation} ${key}`);
    await this.before(operation);
  }
}
