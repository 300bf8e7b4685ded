const DAY_MS = 24 * 60 * 60 * 1_000;

/** What a zone's clocks show at a time (Unix milliseconds), as if it were UTC, to the second. */
export type WallClock = (time: number) => number;

/** @param timeZone an IANA zone. @throws RangeError if the runtime does not know it */
export function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const of = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
    return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  };
}

/**
 * When a zone's clocks show this, in Unix milliseconds: the first time, where they show it twice; where they pass over
 * it, as long after the gap as it is after the gap's beginning.
 * @param shown as `WallClock` gives it
 */
export function timeOn(shown: number, clock: WallClock): number {
  const times = [-DAY_MS, DAY_MS]
    .map((away) => shown + away)
    // How far the zone is from UTC before and after any change of its clocks.
    .map((near) => shown - (clock(near) - near));
  const exact = times.filter((time) => clock(time) === shown);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...times);
}
