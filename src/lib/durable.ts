import type { Alarm, Lifetime, Sql, SqlValue } from "./ports.ts";

/** A Durable Object's storage as the port `Sql`. */
export function sqlOf(storage: DurableObjectStorage): Sql {
  return {
    all: <Row extends { readonly [column: string]: SqlValue }>(
      query: string,
      ...values: readonly SqlValue[]
    ) => storage.sql.exec<Row & Record<string, SqlStorageValue>>(query, ...values).toArray(),
    atomically: (writes) => storage.transactionSync(writes),
    get bytes() {
      return storage.sql.databaseSize;
    },
  };
}

/** A Durable Object's alarm as the port `Alarm`. Both calls return at once; the output gate waits for the write. */
export function alarmOf(ctx: DurableObjectState): Alarm {
  return {
    set: (at) => ctx.waitUntil(ctx.storage.setAlarm(at)),
    clear: () => ctx.waitUntil(ctx.storage.deleteAlarm()),
  };
}

/** A Durable Object itself as the port `Lifetime`. */
export function lifetimeOf(ctx: DurableObjectState): Lifetime {
  return { keepAlive: (work) => ctx.waitUntil(work), end: (why) => ctx.abort(why) };
}
