/** Small interfaces in place of Cloudflare's classes, so that tests and simulations can put in their own. */

export type SqlValue = string | number | null;

/** A Durable Object's own SQLite. Every call is synchronous; the object's output gate makes it durable. */
export interface Sql {
  /**
   * Runs one statement and returns its rows.
   * @throws if the storage fails, for example because it is full
   */
  all<Row extends { readonly [column: string]: SqlValue }>(
    query: string,
    ...values: readonly SqlValue[]
  ): Row[];
  /** Runs the writes as one: all or none. */
  atomically<Value>(writes: () => Value): Value;
  /** Size of the database, in bytes. */
  readonly bytes: number;
}

/** A Durable Object's one alarm. */
export interface Alarm {
  /** Sets the alarm to this time (Unix milliseconds), in place of the time that was set before. */
  set(at: number): void;
  clear(): void;
}

/** A key-value store: eventually consistent, at most one write a second to each key. */
export interface Kv {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** The object that the code runs in. */
export interface Lifetime {
  /** Keeps the object alive until the work is over. */
  keepAlive(work: Promise<unknown>): void;
  /** Ends the object at once: the next event starts a new one from what is stored. */
  end(why: string): void;
}
