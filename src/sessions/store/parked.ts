import type { Sql } from "../../lib/ports.ts";
import { MAX_PARKED, REMEMBER_PARKED_MS } from "../limits.ts";
import type { ParkedReason } from "../outcome.ts";

/** A message that was given up on, as JSON, and what of its answer is stored. */
export interface Parked {
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly reason: ParkedReason;
  readonly delivery_id: string;
  readonly sent: string | null;
  readonly message: string | null;
  readonly chunks: string | null;
}

/** Keeps a parked message, and forgets those that are too old or too many. @throws if the storage fails */
export function park(sql: Sql, { seq, at, reason, delivery_id, sent, message, chunks }: Parked): void {
  sql.all(
    `INSERT OR REPLACE INTO parked (seq, at, reason, delivery_id, sent, message, chunks)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    seq,
    at,
    reason,
    delivery_id,
    sent,
    message,
    chunks,
  );
  sql.all(
    `DELETE FROM parked WHERE at < ? OR seq <= (SELECT seq FROM parked ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
    at - REMEMBER_PARKED_MS,
    MAX_PARKED,
  );
}

/** Forgets a parked message: it is asked again, or not wanted. */
export const unpark = (sql: Sql, seq: number): void => {
  sql.all("DELETE FROM parked WHERE seq = ?", seq);
};

/** All that are parked, oldest first, without their answers. */
export const readParked = (sql: Sql) =>
  sql.all<Pick<Parked, "seq" | "at" | "reason" | "message">>(
    "SELECT seq, at, reason, message FROM parked ORDER BY seq",
  );

/** How many messages are parked, from this seq on. */
export const countParked = (sql: Sql, from: number): number =>
  sql.all<{ parked: number }>("SELECT count(*) AS parked FROM parked WHERE seq >= ?", from)[0]?.parked ?? 0;
