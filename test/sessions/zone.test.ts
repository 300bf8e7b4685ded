import { expect, test } from "vitest";
import { timeOn, wallClock } from "../../src/sessions/zone.ts";

const at = (text: string) => Date.parse(text);
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

test.each([
  ["Europe/Berlin", "2026-01-15T12:00Z", "2026-01-15T13:00"],
  ["Europe/Berlin", "2026-07-15T22:30Z", "2026-07-16T00:30"],
  ["America/New_York", "2026-03-08T06:59Z", "2026-03-08T01:59"],
  ["America/New_York", "2026-03-08T07:00Z", "2026-03-08T03:00"],
  ["Asia/Kathmandu", "2026-03-08T00:00Z", "2026-03-08T05:45"],
  ["UTC", "2026-12-31T23:59Z", "2026-12-31T23:59"],
])("in %s the clocks show %s as %s", (zone, time, shown) => {
  expect(iso(wallClock(zone)(at(time)))).toBe(shown);
});

test.each([
  ["Europe/Berlin", "2026-01-15T04:00", "2026-01-15T03:00"],
  ["Europe/Berlin", "2026-07-15T04:00", "2026-07-15T02:00"],
  // On the days of the change, before and after it.
  ["Europe/Berlin", "2026-03-29T01:30", "2026-03-29T00:30"],
  ["Europe/Berlin", "2026-03-29T04:00", "2026-03-29T02:00"],
  ["Europe/Berlin", "2026-10-25T04:00", "2026-10-25T03:00"],
  ["Europe/Berlin", "2026-10-25T01:30", "2026-10-24T23:30"],
  // A time that is passed over, and one that comes twice.
  ["Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30"],
  ["Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"],
  ["Pacific/Auckland", "2026-04-05T02:30", "2026-04-04T13:30"],
  ["Pacific/Apia", "2026-05-01T04:00", "2026-04-30T15:00"],
  ["America/St_Johns", "2026-11-01T01:30", "2026-11-01T04:00"],
])("in %s it is %s at %s UTC", (zone, shown, time) => {
  expect(iso(timeOn(at(`${shown}Z`), wallClock(zone)))).toBe(time);
});
