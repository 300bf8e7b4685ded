import { expect, test } from "vitest";
import { instantOf, timeIn, wallAt } from "../../src/lib/zone.ts";

const BERLIN = "Europe/Berlin";
const at = (iso: string): number => Date.parse(iso);

test("a clock reads what its zone says on that day", () => {
  expect(wallAt(at("2026-10-24T07:00:00Z"), BERLIN)).toBe(at("2026-10-24T09:00:00Z"));
  expect(wallAt(at("2026-10-26T08:00:00Z"), BERLIN)).toBe(at("2026-10-26T09:00:00Z"));
  expect(wallAt(at("2026-10-26T08:00:00Z"), "Asia/Kathmandu")).toBe(at("2026-10-26T13:45:00Z"));
  expect(() => wallAt(0, "Europe/Berln")).toThrow(RangeError);
});

test("a reading is found on both sides of a change of the clock", () => {
  const found = (wall: string) => new Date(instantOf(at(wall), BERLIN)).toISOString();
  expect(found("2026-10-24T09:00:00Z")).toBe("2026-10-24T07:00:00.000Z");
  expect(found("2026-10-26T09:00:00Z")).toBe("2026-10-26T08:00:00.000Z");
  // Twice on that night: the first one.
  expect(found("2026-10-25T02:30:00Z")).toBe("2026-10-25T00:30:00.000Z");
  // Not at all on that one: as much later as the clock goes forward.
  expect(found("2026-03-29T02:30:00Z")).toBe("2026-03-29T01:30:00.000Z");
});

test("people are told the zone with the time", () => {
  expect(timeIn(at("2026-10-26T08:00:00Z"), BERLIN)).toBe("Mon 2026-10-26 09:00 Europe/Berlin");
});
