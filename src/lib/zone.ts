/*
 * Wall-clock time in a time zone. A wall is a clock's reading as a number: the Unix milliseconds at which a clock in
 * UTC reads the same, so that `Date`'s UTC methods tell its parts.
 */

const DAY_MS = 24 * 60 * 60_000;

/** What a clock in this zone reads. @throws RangeError if there is no such zone */
export function wallAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const [year, month, day] = [read("year"), read("month"), read("day")];
  return Date.UTC(year, month - 1, day, read("hour"), read("minute"), read("second"));
}

/**
 * When a clock in this zone reads so, in Unix milliseconds. Of a time that comes twice, the first; one that is skipped
 * when the clock goes forward is as much later as the clock goes forward.
 * @example instantOf(Date.UTC(2026, 9, 26, 9), "Europe/Berlin") // 2026-10-26T08:00:00Z
 */
export function instantOf(wall: number, zone: string): number {
  const [before, after] = [-DAY_MS, DAY_MS].map((ms) => {
    const near = wall + ms;
    return wall - (wallAt(near, zone) - near);
  });
  const found = [before, after].find((at) => at !== undefined && wallAt(at, zone) === wall);
  return found ?? before ?? wall;
}

/**
 * A time of ISO 8601, with or without an offset, in Unix milliseconds: in this zone where it names none. NaN where there
 * is no such time.
 * @example instantIn("2026-10-26T09:00", "Europe/Berlin") // 2026-10-26T08:00:00Z
 */
export function instantIn(iso: string, zone: string): number {
  const isWall = !/(Z|[+-]\d\d:\d\d)$/.test(iso);
  const at = Date.parse(isWall ? `${iso}Z` : iso);
  const day = iso.slice(0, 10);
  // Date.parse takes the 30th of February for the 2nd of March.
  if (Number.isNaN(at) || !new Date(`${day}T00:00Z`).toISOString().startsWith(day)) return Number.NaN;
  return isWall ? instantOf(at, zone) : at;
}

/** A time with its zone, for people. @example timeIn(1792998000000, "Europe/Berlin") // "Mon 2026-10-26 09:00 Europe/Berlin" */
export function timeIn(at: number, zone: string): string {
  const wall = new Date(wallAt(at, zone));
  const [date = "", time = ""] = wall.toISOString().split("T");
  return `${wall.toUTCString().slice(0, 3)} ${date} ${time.slice(0, 5)} ${zone}`;
}
