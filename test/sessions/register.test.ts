import { expect, test } from "vitest";
import { Register } from "../../src/sessions/register.ts";
import { memorySql } from "../support/sql.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const T0 = Date.parse("2026-11-24T00:00:00Z");

function registerOf(names: readonly string[]) {
  const looked: string[] = [];
  const freed: string[] = [];
  const busy = new Set<string>();
  const register = new Register(memorySql(), (name) => ({
    async look() {
      looked.push(name);
    },
    async free() {
      if (busy.has(name)) return false;
      freed.push(name);
      return true;
    },
  }));
  for (const name of names) register.enlist(name, T0);
  const sweepFrom = async (from: number, hours: number) => {
    for (let now = from; now < from + hours * HOUR_MS; now += 10 * MINUTE_MS) await register.sweep(now);
  };
  return { register, looked, freed, busy, sweepFrom };
}

const names = Array.from({ length: 100 }, (_, n) => `agent:main:telegram:dm:${n}`);

test("every session in use is looked at once in six hours", async () => {
  const { looked, sweepFrom } = registerOf(names);
  await sweepFrom(T0, 6);
  expect(looked.toSorted()).toEqual(names.toSorted());
});

test("one that was not in use for days is let sleep, and freed after 90 of them", async () => {
  const { looked, freed, sweepFrom } = registerOf(names);
  await sweepFrom(T0 + 10 * DAY_MS, 6);
  expect([looked, freed]).toEqual([[], []]);
  await sweepFrom(T0 + 91 * DAY_MS, 6);
  expect(freed.toSorted()).toEqual(names.toSorted());
  await sweepFrom(T0 + 92 * DAY_MS, 6);
  expect(freed).toHaveLength(names.length);
});

test("one that turns out to be in use stays on the list", async () => {
  const { looked, freed, busy, sweepFrom } = registerOf(["used"]);
  busy.add("used");
  await sweepFrom(T0 + 91 * DAY_MS, 6);
  expect(freed).toEqual([]);
  await sweepFrom(T0 + 91 * DAY_MS + 6 * HOUR_MS, 6);
  expect(looked).toEqual(["used"]);
});

test("of more sessions than one sweep can look at, the next round takes others", async () => {
  const many = Array.from({ length: 30_000 }, (_, n) => `s${n}`);
  const { looked, sweepFrom } = registerOf(many);
  await sweepFrom(T0, 12);
  expect(new Set(looked).size).toBe(many.length);
});
