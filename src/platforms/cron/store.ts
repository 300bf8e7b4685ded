import type { Sql } from "../../lib/ports.ts";

/** A job's row; times in Unix milliseconds. */
export type JobRow = {
  readonly name: string;
  /** The schedule with its zone: where it changes, the next time is worked out anew. */
  readonly schedule: string;
  readonly next_at: number | null;
  readonly last_at: number | null;
  readonly paused: number;
  /** The due time that is being handed to its session; null where none is. */
  readonly pending: number | null;
};

export type ReminderRow = {
  readonly id: number;
  readonly session: string;
  readonly at: number;
  /** The message that is handed over, as JSON. */
  readonly message: string;
};

/** What the scheduler keeps (docs/storage.md). Every method throws if the storage fails. */
export class ScheduleStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.all(`CREATE TABLE IF NOT EXISTS jobs (
      name TEXT PRIMARY KEY, schedule TEXT NOT NULL, next_at INTEGER, last_at INTEGER,
      paused INTEGER NOT NULL, pending INTEGER
    ) WITHOUT ROWID`);
    sql.all(`CREATE TABLE IF NOT EXISTS reminders (
      id INTEGER PRIMARY KEY, session TEXT NOT NULL, at INTEGER NOT NULL, message TEXT NOT NULL
    )`);
  }

  atomically = (writes: () => void): void => this.#sql.atomically(writes);

  jobs = (): JobRow[] => this.#sql.all<JobRow>("SELECT * FROM jobs");

  put({ name, schedule, next_at, last_at, paused, pending }: JobRow): void {
    this.#sql.all(
      "INSERT OR REPLACE INTO jobs (name, schedule, next_at, last_at, paused, pending) VALUES (?, ?, ?, ?, ?, ?)",
      name,
      schedule,
      next_at,
      last_at,
      paused,
      pending,
    );
  }

  dropJob(name: string): void {
    this.#sql.all("DELETE FROM jobs WHERE name = ?", name);
  }

  /** A run is in its session, or given up; one that became due meanwhile stays. */
  handedOver(name: string, due: number): void {
    this.#sql.all("UPDATE jobs SET pending = NULL WHERE name = ? AND pending = ?", name, due);
  }

  remind(session: string, at: number, message: string): number {
    const [row] = this.#sql.all<{ id: number }>(
      "INSERT INTO reminders (session, at, message) VALUES (?, ?, ?) RETURNING id",
      session,
      at,
      message,
    );
    return row?.id ?? 0;
  }

  remindersOf = (session: string): ReminderRow[] =>
    this.#sql.all<ReminderRow>("SELECT * FROM reminders WHERE session = ? ORDER BY at, id", session);

  remindersDue = (now: number): ReminderRow[] =>
    this.#sql.all<ReminderRow>("SELECT * FROM reminders WHERE at <= ? ORDER BY at, id", now);

  /** When the next reminder is due; null if there is none. */
  nextReminder = (): number | null =>
    this.#sql.all<{ at: number | null }>("SELECT min(at) AS at FROM reminders")[0]?.at ?? null;

  dropReminder = (id: number, session: string): boolean =>
    this.#sql.all("DELETE FROM reminders WHERE id = ? AND session = ? RETURNING id", id, session).length > 0;
}
