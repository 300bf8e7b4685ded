import { expect, test } from "vitest";
import { dueAfter } from "../../../src/platforms/cron/calendar.ts";
import { isoIn } from "../../../tools/routes/cron.ts";
import { BERLIN } from "./stage.ts";

function runs(schedule: string, from: string, count: number): string[] {
  const found: string[] = [];
  for (let at = dueAfter(schedule, BERLIN, Date.parse(from)); at !== null && found.length < count; ) {
    found.push(isoIn(at, BERLIN));
    at = dueAfter(schedule, BERLIN, at);
  }
  return found;
}

test("a job of working days keeps its time of day over the change of the clock", () => {
  expect(runs("0 9 * * 1-5", "2026-10-23T09:00:00+02:00", 2)).toEqual([
    "2026-10-26T09:00+01:00",
    "2026-10-27T09:00+01:00",
  ]);
});

test("a time that is missing in spring is due at the end of the gap; one that comes twice in autumn, once", () => {
  expect(runs("30 2 * * *", "2026-03-28T12:00:00Z", 2)).toEqual([
    "2026-03-29T03:00+02:00",
    "2026-03-30T02:30+02:00",
  ]);
  expect(runs("30 2 * * *", "2026-10-24T12:00:00Z", 2)).toEqual([
    "2026-10-25T02:30+02:00",
    "2026-10-26T02:30+01:00",
  ]);
});

test("what is due every hour is so in both of them", () => {
  expect(runs("0 * * * *", "2026-10-24T23:30:00Z", 3)).toEqual([
    "2026-10-25T02:00+02:00",
    "2026-10-25T02:00+01:00",
    "2026-10-25T03:00+01:00",
  ]);
});

test("every two hours is so whatever the clock does", () => {
  expect(runs("every 2h", "2026-10-24T23:30:00Z", 3)).toEqual([
    "2026-10-25T02:00+02:00",
    "2026-10-25T03:00+01:00",
    "2026-10-25T05:00+01:00",
  ]);
});

test("a time is due once, in the jobs' zone where it names none", () => {
  expect(runs("2026-12-24T18:00", "2026-10-24T23:30:00Z", 2)).toEqual(["2026-12-24T18:00+01:00"]);
  expect(runs("2026-12-24T18:00Z", "2026-10-24T23:30:00Z", 2)).toEqual(["2026-12-24T19:00+01:00"]);
  expect(runs("2026-12-24T18:00", "2026-12-24T18:00:00+01:00", 2)).toEqual([]);
});

test.each([
  "61 * * * *",
  "* * * *",
  "every 0m",
  "every hour",
  "2026-13-40T18:00",
  "2027-02-30T18:00Z",
  "soon",
])("%s is no schedule", (schedule) => {
  expect(() => dueAfter(schedule, BERLIN, 0)).toThrow();
});
