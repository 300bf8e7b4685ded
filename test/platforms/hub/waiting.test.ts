import { expect, test } from "vitest";
import type { Entry, Standing } from "../../../src/platforms/hub/entries.ts";
import { takeFairly } from "../../../src/platforms/hub/hand-over.ts";
import { REGISTERED_UNITS, UNKNOWN_UNITS } from "../../../src/platforms/hub/limits.ts";
import { Waiting } from "../../../src/platforms/hub/waiting.ts";

const AGENT: Standing = { registered: true, since: null };
let count = 0;
const entry = (from: string, units: number, sent_at: number | null = ++count): Entry => ({
  id: `${from}-${sent_at}`,
  markable: true,
  from,
  text: "x".repeat(units),
  sent_at,
  read: false,
  priority: null,
  uninteresting: null,
});
const held = (waiting: Waiting) =>
  [...waiting.senders()].reduce(
    (sum, { entries }) => sum + entries.reduce((all, { text }) => all + text.length, 0),
    0,
  );
const texts = (waiting: Waiting, name: string) =>
  [...waiting.senders()].find((sender) => sender.name === name)?.entries.map(({ id }) => id);

test("however much waits, only so much of it is held, of agents and of unknown names each", () => {
  const waiting = new Waiting();
  for (let i = 0; i < 200; i++) waiting.add(entry(`agent-${i % 50}`, 100_000), AGENT, 0);
  expect(held(waiting)).toBeLessThanOrEqual(REGISTERED_UNITS);
  for (let i = 0; i < 20_000; i++) waiting.add(entry(`name-${i}`, 1_000), null, 0);
  expect(held(waiting)).toBeLessThanOrEqual(REGISTERED_UNITS + UNKNOWN_UNITS);
  expect([...waiting.senders()].length).toBeLessThanOrEqual(5_000);
  expect(waiting.beyond).toBeGreaterThan(15_000);
});

test("who writes much makes room for who writes little, and each one's oldest are held", () => {
  const waiting = new Waiting();
  for (let i = 0; i < 12; i++) {
    for (let n = 0; n < 3; n++) waiting.add(entry(`flood-${i}`, 80_000, n), AGENT, 0);
  }
  waiting.add(entry("argus", 80_000, 1), AGENT, 0);
  expect(texts(waiting, "argus")).toEqual(["argus-1"]);
  for (let i = 0; i < 12; i++) expect(texts(waiting, `flood-${i}`)?.[0]).toBe(`flood-${i}-0`);
});

test("no later entry is held once an earlier one is not", () => {
  const waiting = new Waiting();
  waiting.add(entry("argus", 200_000, 1), AGENT, 0);
  waiting.add(entry("argus", 200_000, 2), AGENT, 0);
  waiting.add(entry("argus", 1, 3), AGENT, 0);
  expect(texts(waiting, "argus")).toEqual(["argus-1"]);
  expect([...waiting.senders()][0]?.waiting).toBe(3);
});

test("senders are served in the order in which they wait, since they were served last", () => {
  const waiting = new Waiting();
  waiting.add(entry("served", 1, 100), AGENT, 900);
  waiting.add(entry("early", 1, 200), AGENT, 0);
  waiting.add(entry("late", 1, 300), AGENT, 0);
  expect(waiting.registered().map(({ name }) => name)).toEqual(["early", "late", "served"]);
});

test.each([
  [[10, 2], 5, [3, 2]],
  [[1, 1, 1], 2, [1, 1, 0]],
  [[3], 5, [3]],
  [[3, 3], 0, [0, 0]],
  [[3], -1, [0]],
  [[], 5, []],
])("of queues of %j, %i places go to %j", (lengths, places, shares) => {
  expect(takeFairly(lengths, places)).toEqual(shares);
});
