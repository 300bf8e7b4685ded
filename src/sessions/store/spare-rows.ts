import { log } from "../../lib/log.ts";
import type { Sql } from "../../lib/ports.ts";
import { MAX_DATABASE_BYTES, MEASURE_EVERY_ROWS, ROLL_UP_ROWS } from "../limits.ts";
import { readMeta, writeMeta } from "./tables.ts";
import { rollUp } from "./usage.ts";

/** From which seq on exchanges are needed: unfinished ones, delivery ids to remember, what turns send. */
interface Needed {
  readonly openFrom: number;
  readonly seenFrom: number;
  readonly windowFrom: number;
}

/** The exchanges that nothing needs any more: they make room for new ones. Every method throws if the storage fails. */
export class SpareRows {
  readonly #sql: Sql;
  #rolledTo = 0;
  /** Exchanges since the size was looked at: the runtime takes longer for that than for a statement. */
  #unmeasured = 0;
  #isLarge = false;
  /** No exchange up to here can make room. */
  #passed = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  open(): void {
    this.#rolledTo = Number(readMeta(this.#sql, "rolled_to") ?? 0);
  }

  /** The exchange up to which usage is in the daily sums. */
  get rolledTo(): number {
    return this.#rolledTo;
  }

  /** The oldest one, its usage being in the daily sums; null if there is none. */
  take({ openFrom, seenFrom, windowFrom }: Needed, now: number): number | null {
    if (this.#unmeasured++ % MEASURE_EVERY_ROWS === 0) this.#isLarge = this.#sql.bytes > MAX_DATABASE_BYTES;
    const before = this.#isLarge ? openFrom : Math.min(openFrom, seenFrom);
    if (before <= this.#passed + 1) return null;
    const [spare] = this.#sql.all<{ seq: number }>(
      "SELECT seq FROM exchanges WHERE seq > ? AND seq < ? AND (kept = 0 OR seq < ?) ORDER BY seq LIMIT 1",
      this.#passed,
      before,
      windowFrom,
    );
    this.#passed = spare?.seq ?? Math.max(this.#passed, before - 1);
    if (!spare) return null;
    if (spare.seq > this.#rolledTo) this.#rollUp(openFrom, now);
    return spare.seq;
  }

  #rollUp(openFrom: number, now: number): void {
    const to = Math.min(openFrom - 1, this.#passed + ROLL_UP_ROWS);
    this.#sql.atomically(() => {
      rollUp(this.#sql, this.#rolledTo, to, now);
      writeMeta(this.#sql, "rolled_to", String(to));
    });
    this.#rolledTo = to;
  }
}

/** Does a write; on a full storage it forgets first what nothing needs, and then, if need be, all that is closed. */
export function withRoom<Value>(
  sql: Sql,
  write: () => Value,
  { openFrom, windowFrom }: Omit<Needed, "seenFrom">,
): Value {
  for (const until of [windowFrom, Number.MAX_SAFE_INTEGER]) {
    try {
      return write();
    } catch (error) {
      if (!isFull(error)) throw error;
      log("error", "storage_full", { bytes: sql.bytes, detail: "old exchanges are forgotten" });
      sql.all("DELETE FROM parked");
      sql.all("DELETE FROM exchanges WHERE seq < ? AND (kept = 0 OR seq < ?)", openFrom, until);
    }
  }
  return write();
}

/** Whether the storage has no room: what is deleted makes some (Cloudflare: deletes go on). */
const isFull = (error: unknown): boolean => /SQLITE_FULL|database or disk is full/i.test(String(error));
