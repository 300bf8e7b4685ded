import { Cron } from "croner";
import { instantIn } from "../../lib/zone.ts";

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A single time; without an offset it is read in the jobs' zone. */
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * The first time after this one (both in Unix milliseconds) at which a schedule is due; null if there is none.
 * `every 2h` is due whenever so much time has passed since 1970 in UTC, so that it needs no memory.
 * @throws Error if it is no schedule: what is wrong with it
 * @example dueAfter("0 9 * * 1-5", "Europe/Berlin", Date.UTC(2026, 9, 23, 8)) // 2026-10-26T08:00:00Z
 */
export function dueAfter(schedule: string, zone: string, after: number): number | null {
  const [, count, unit] = /^every (\d+) ?([mhd])$/.exec(schedule) ?? [];
  if (unit === "m" || unit === "h" || unit === "d") {
    const step = Number(count) * UNIT_MS[unit];
    if (step === 0) throw new Error("every 0 is never");
    return Math.floor(after / step) * step + step;
  }
  if (TIME.test(schedule)) {
    const due = instantIn(schedule.replace(" ", "T"), zone);
    if (Number.isNaN(due)) throw new Error("there is no such time");
    return due > after ? due : null;
  }
  // In the night in which the clock goes forward, what is due in the missing hour is due at its end; in the one in
  // which it goes back, a fixed time is due once and `*` in both hours.
  return new Cron(schedule, { timezone: zone, mode: "5-part" }).nextRun(new Date(after))?.getTime() ?? null;
}
