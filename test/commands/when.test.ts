import { expect, test } from "vitest";
import { readWhen } from "../../src/commands/when.ts";

/** A Friday, 14:00 in Berlin; on Sunday the clock goes back. */
const NOW = Date.parse("2026-10-23T12:00:00Z");

test.each([
  ["in 20m tea", "2026-10-23T12:20:00.000Z", "tea"],
  ["in 1h 30m tea", "2026-10-23T13:30:00.000Z", "tea"],
  ["in 2 hours and 5 minutes tea", "2026-10-23T14:05:00.000Z", "tea"],
  ["in 1 hour, 30 minutes tea and cake", "2026-10-23T13:30:00.000Z", "tea and cake"],
  ["in 2 hours and then some", "2026-10-23T14:00:00.000Z", "and then some"],
  ["in 2 hours call Ada", "2026-10-23T14:00:00.000Z", "call Ada"],
  ["in 3 days 5 eggs", "2026-10-26T12:00:00.000Z", "5 eggs"],
  ["9:00 stand up", "2026-10-24T07:00:00.000Z", "stand up"],
  ["at 18:30 go", "2026-10-23T16:30:00.000Z", "go"],
  ["today 15:00 go", "2026-10-23T13:00:00.000Z", "go"],
  ["tomorrow 9:00 go", "2026-10-24T07:00:00.000Z", "go"],
  ["Monday 9:00 go", "2026-10-26T08:00:00.000Z", "go"],
  ["on mon at 9:00 go", "2026-10-26T08:00:00.000Z", "go"],
  ["friday 13:00 go", "2026-10-30T12:00:00.000Z", "go"],
  ["2026-12-24 18:00 gifts", "2026-12-24T17:00:00.000Z", "gifts"],
  ["2026-12-24T18:00Z gifts", "2026-12-24T18:00:00.000Z", "gifts"],
  ["2026-12-24T18:00+05:30 gifts\nand tea", "2026-12-24T12:30:00.000Z", "gifts\nand tea"],
])("%s", (typed, at, text) => {
  const when = readWhen(typed, NOW, "Europe/Berlin");
  expect(when && { at: new Date(when.at).toISOString(), text: when.text }).toEqual({ at, text });
});

test.each([
  "",
  "tea",
  "in a while",
  "25:00 tea",
  "9:75 tea",
  "2026-13-40 18:00 tea",
  "2027-02-30 18:00 tea",
  "2027-02-30T18:00+01:00 tea",
  "someday 9:00 tea",
  "in 5 x",
])("%s is no time", (typed) => {
  expect(readWhen(typed, NOW, "Europe/Berlin")).toBeNull();
});
