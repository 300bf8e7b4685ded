/** What code that decides stands on instead of Cloudflare's classes, so that a simulation can hold it. */

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
  /** What the database takes, in bytes. */
  readonly bytes: number;
}

/** A Durable Object's one alarm. */
export interface Alarm {
  /** Rings at this time (Unix milliseconds) instead of any other. */
  set(at: number): void;
  clear(): void;
}

/** A store by key: eventually consistent, with one write a second and key. */
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
