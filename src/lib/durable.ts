import type { Alarm, Lifetime, Sql, SqlValue } from "./ports.ts";

/** A Durable Object's storage as the port that code stands on. */
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

/** The same for its alarm: a write like any other, which the output gate waits for. */
export function alarmOf(ctx: DurableObjectState): Alarm {
  return {
    set: (at) => ctx.waitUntil(ctx.storage.setAlarm(at)),
    clear: () => ctx.waitUntil(ctx.storage.deleteAlarm()),
  };
}

/** The same for the object itself. */
export function lifetimeOf(ctx: DurableObjectState): Lifetime {
  return { keepAlive: (work) => ctx.waitUntil(work), end: (why) => ctx.abort(why) };
}
