import { log } from "./log.ts";
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

/**
 * A Durable Object's alarm as the port `Alarm`. Both calls return at once; the output gate waits for the write. An
 * alarm that cannot be stored ends the object, so that what relies on it is not taken for accepted.
 */
export function alarmOf(ctx: DurableObjectState): Alarm {
  const orEnd = (write: Promise<void>) => {
    ctx.waitUntil(
      write.catch((error: unknown) => {
        log("error", "alarm_not_stored", { detail: String(error) });
        ctx.abort("the alarm could not be stored");
      }),
    );
  };
  return { set: (at) => orEnd(ctx.storage.setAlarm(at)), clear: () => orEnd(ctx.storage.deleteAlarm()) };
}

/** A Durable Object itself as the port `Lifetime`. */
export function lifetimeOf(ctx: DurableObjectState): Lifetime {
  return { keepAlive: (work) => ctx.waitUntil(work), end: (why) => ctx.abort(why) };
}
