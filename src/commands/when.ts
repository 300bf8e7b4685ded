import { instantIn, instantOf, wallAt } from "../lib/zone.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const UNIT_MS: { readonly [letter: string]: number } = {
  m: MINUTE_MS,
  h: 60 * MINUTE_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const SPAN =
  /^in\s+((?:(?:\d+)\s*(?:minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)\b(?:\s*,|\s+and\b(?=\s+\d))?\s*)+)/i;
const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?(?=\s|$)/i;
const CLOCK =
  /^(?:on\s+)?(?:(today|tomorrow|(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?)(?:day)?)\s+)?(?:at\s+)?(\d{1,2}):(\d\d)(?=\s|$)/i;

/** A time that somebody typed, in Unix milliseconds, and the text behind it. */
export interface When {
  readonly at: number;
  readonly text: string;
}

/**
 * Reads a time at the beginning of a text: `in 20m`, `in 1h 30m`, `9:00`, `tomorrow 9:00`, `monday 9:00`, or ISO 8601,
 * in this zone where it names none. A time of day without a day is the next one. Null where there is no time.
 * @param now Unix milliseconds
 * @example readWhen("in 20m tea", 0, "UTC") // { at: 1200000, text: "tea" }
 */
export function readWhen(typed: string, now: number, zone: string): When | null {
  const found = [readSpan, readMoment, readClock].flatMap((read) => read(typed, now, zone) ?? []);
  const [first] = found;
  if (!first || Number.isNaN(first.at)) return null;
  return { at: first.at, text: typed.slice(first.length).trim() };
}

/** A time, and how much of the text it takes. */
type Read = { readonly at: number; readonly length: number } | null;

function readSpan(typed: string, now: number): Read {
  const [whole, spans = ""] = SPAN.exec(typed) ?? [];
  if (whole === undefined) return null;
  const parts = [...spans.matchAll(/(\d+)\s*([a-z])/gi)];
  const ms = parts.reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (UNIT_MS[unit.toLowerCase()] ?? 0),
    0,
  );
  return { at: now + ms, length: whole.length };
}

function readMoment(typed: string, _now: number, zone: string): Read {
  const [whole, date, time, seconds = "00", offset = ""] = MOMENT.exec(typed) ?? [];
  if (whole === undefined) return null;
  const iso = `${date}T${time}:${seconds}${offset.toUpperCase()}`;
  return { at: instantIn(iso, zone), length: whole.length };
}

function readClock(typed: string, now: number, zone: string): Read {
  const [whole, day, hours, minutes] = CLOCK.exec(typed) ?? [];
  if (whole === undefined || Number(hours) > 23 || Number(minutes) > 59) return null;
  const today = Math.floor(wallAt(now, zone) / DAY_MS) * DAY_MS;
  const clock = Number(hours) * 60 * MINUTE_MS + Number(minutes) * MINUTE_MS;
  const on = (days: number) => instantOf(today + days * DAY_MS + clock, zone);
  const length = whole.length;
  const word = day?.toLowerCase();
  if (word === "today") return { at: on(0), length };
  if (word === "tomorrow") return { at: on(1), length };
  if (word === undefined) return { at: on(0) > now ? on(0) : on(1), length };
  const ahead = (DAYS.indexOf(word.slice(0, 3)) - new Date(today).getUTCDay() + 7) % 7;
  return { at: on(ahead) > now ? on(ahead) : on(ahead + 7), length };
}
