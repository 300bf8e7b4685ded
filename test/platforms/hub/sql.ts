import { DatabaseSync } from "node:sqlite";
import type { Sql, SqlValue } from "../../../src/lib/ports.ts";

/** A Durable Object's storage, in memory: it outlives the reader that uses it. */
export function memorySql(): Sql {
  const db = new DatabaseSync(":memory:");
  return {
    all: <Row extends { readonly [column: string]: SqlValue }>(query: string, ...values: SqlValue[]) =>
      db.prepare(query).all(...values) as Row[],
    atomically(writes) {
      db.exec("SAVEPOINT one");
      try {
        const value = writes();
        db.exec("RELEASE one");
        return value;
      } catch (error) {
        db.exec("ROLLBACK TO one; RELEASE one");
        throw error;
      }
    },
    get bytes() {
      const [size] = db
        .prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size")
        .all();
      return Number(size?.bytes);
    },
  };
}
