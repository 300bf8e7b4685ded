import { never } from "./scope.ts";
import type { SimulatedStorage } from "./storage.ts";

/** What a Durable Object's state does to the object that it belongs to. */
export interface StateHost {
  readonly name: string;
  /** Before each use. @throws Gone if the object has ended, or ends here */
  touch(port: string): void;
  waitUntil(work: Promise<unknown>): void;
  abort(why: string): never;
  block<Value>(work: () => Promise<Value>): Promise<Value>;
}

/** The first argument of a Durable Object's constructor, as far as the gateway uses it. */
export function stateOf(host: StateHost, storage: SimulatedStorage) {
  /** Storage calls that answer with a promise. The batch makes them durable, not the promise. */
  const later = async <Value>(port: string, call: () => Value): Promise<Value> => {
    host.touch(port);
    return call();
  };
  return {
    id: { name: host.name, toString: () => host.name },
    waitUntil: (work: Promise<unknown>) => host.waitUntil(work),
    abort: (why?: string) => host.abort(why ?? "aborted"),
    blockConcurrencyWhile: <Value>(work: () => Promise<Value>) => host.block(work),
    storage: {
      sql: {
        exec: (query: string, ...values: unknown[]) => {
          host.touch("sql");
          return cursorOf(storage.exec(query, values));
        },
        get databaseSize() {
          host.touch("sql");
          return storage.bytes;
        },
      },
      transactionSync: <Value>(writes: () => Value) => {
        host.touch("sql");
        return storage.transactionSync(writes);
      },
      setAlarm: (at: number | Date) => later("setAlarm", () => storage.setAlarm(Number(at))),
      deleteAlarm: () => later("deleteAlarm", () => storage.setAlarm(null)),
      getAlarm: () => later("getAlarm", () => storage.getAlarm()),
      deleteAll: () => later("deleteAll", () => storage.deleteAll()),
      sync: () => later("sync", () => undefined).catch(never),
      kv: keyValue(host, storage),
    },
  };
}

/** Rows as `sql.exec()` gives them. */
function cursorOf(rows: Record<string, unknown>[]) {
  let taken = 0;
  const next = (): IteratorResult<Record<string, unknown>, undefined> => {
    const value = rows[taken];
    if (value === undefined) return { done: true, value };
    taken++;
    return { done: false, value };
  };
  return {
    next,
    toArray: () => rows.slice(taken),
    one: () => {
      const [only] = rows;
      if (only === undefined || rows.length > 1) {
        throw new Error(
          `Expected exactly one result from SQL query, but got ${rows.length || "no results"}.`,
        );
      }
      return only;
    },
    [Symbol.iterator]: () => ({ next }),
  };
}

/** `storage.kv`: values by key, in the same database. */
function keyValue(host: StateHost, storage: SimulatedStorage) {
  const exec = (query: string, ...values: unknown[]) => {
    host.touch("sql");
    return storage.exec(query, values);
  };
  return {
    get: (key: string): unknown => {
      const [row] = exec("SELECT value FROM _cf_KV WHERE key = ?", key);
      return row === undefined ? undefined : JSON.parse(String(row.value));
    },
    put: (key: string, value: unknown) =>
      void exec("INSERT OR REPLACE INTO _cf_KV (key, value) VALUES (?, ?)", key, JSON.stringify(value)),
    delete: (key: string) => exec("DELETE FROM _cf_KV WHERE key = ? RETURNING key", key).length > 0,
  };
}
