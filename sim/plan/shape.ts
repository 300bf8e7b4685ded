import type { Random } from "../runtime/chance.ts";
import { PLACES, type Place } from "../world/places.ts";
import { FAULTS, type FaultKind } from "./faults.ts";

export const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Trouble = "deploy" | "crash_all" | "evict_all" | "storage_out";

/** What a plan is like: who speaks, how much and how often, and what goes wrong. */
export interface Shape {
  readonly places: readonly Place[];
  /** Events, about. */
  readonly length: number;
  /** How long nothing happens at the most, between messages of a burst and between bursts; and how many bursts. */
  readonly gap_ms: number;
  readonly pause_ms: number;
  readonly pauses: number;
  /** How many of the events are commands, forgeries, changes by the operator, or trouble. */
  readonly commands: number;
  readonly forged: number;
  readonly operator: number;
  readonly trouble: number;
  readonly troubles: readonly Trouble[];
  /** How long a storage is out at the most. */
  readonly out_ms: number;
  readonly rates: { readonly [Kind in FaultKind]?: number };
  readonly subrequests: number;
}

/** A shape by chance alone: in each, some faults are on and others off. Some are calm, some are hell. */
function anyShape(chance: Random): Shape {
  const temper = chance.pick([0, 0.15, 0.35, 0.35, 0.7]);
  const rates: { [kind: string]: number } = {};
  for (const [kind, [low, high]] of Object.entries(FAULTS)) {
    const on = chance.chance(temper);
    const rate = chance.spread(low, high);
    if (on) rates[kind] = rate;
  }
  return {
    places: some(chance, PLACES),
    length: chance.int(8, 90),
    gap_ms: chance.spread(5 * SECOND, 5 * MINUTE),
    pause_ms: chance.spread(MINUTE, 20 * DAY),
    pauses: chance.pick([0.02, 0.1, 0.3]),
    commands: chance.pick([0, 0.1, 0.3, 0.6]),
    forged: chance.pick([0, 0.03]),
    operator: chance.pick([0, 0, 0.1]),
    trouble: temper === 0 ? 0 : chance.pick([0, 0.03, 0.1]),
    troubles: ["deploy", "crash_all", "evict_all", "storage_out"],
    out_ms: 10 * MINUTE,
    rates,
    subrequests: chance.pick([50, 10_000]),
  };
}

/**
 * Shapes that look closely at one thing, which chance alone brings about too seldom. Each says what it makes
 * different.
 */
const THEMES: readonly ((chance: Random, shape: Shape) => Partial<Shape>)[] = [
  // One conversation for years.
  (chance) => ({
    places: [chance.pick(PLACES.filter(({ answered }) => answered))],
    length: 300,
    pause_ms: 60 * DAY,
    pauses: 0.9,
  }),
  // The choice of model, by its owner and by the operator: at leisure, or while KV does not take writes.
  (chance, { rates }) => ({
    places: [chance.pick(PLACES.filter(({ kind }) => kind === "owner"))],
    pause_ms: 6 * HOUR,
    commands: 0.3,
    operator: 0.2,
    ...chance.pick([
      { pauses: 1, trouble: 0, rates: {} },
      { pauses: 0.8, rates: { ...calm(rates, "kv_"), kv_write_fails: 0.3 } },
      { pauses: 0.8, rates: { ...calm(rates, "kv_"), kv_write_fails: 0.7, crash: 0.002 } },
    ]),
  }),
  // Storage that is out for longer than an alarm is tried.
  (chance, { rates }) => ({
    places: some(chance, PLACES).slice(0, 2),
    gap_ms: 5 * SECOND,
    pause_ms: 12 * HOUR,
    pauses: 0.15,
    trouble: 0.1,
    troubles: ["storage_out", "crash_all"],
    out_ms: 2 * HOUR,
    rates: calm(rates, "storage_full"),
  }),
  // Objects that end in mid-turn, and hardly anything else.
  (chance, { rates }) => ({
    gap_ms: 3 * SECOND,
    trouble: 0.3,
    troubles: ["crash_all", "deploy"],
    rates: { ...calm(rates, "crash"), crash: chance.pick([0, 0.01, 0.05]), model_slow: 0.5 },
  }),
  // More requests than one invocation may send.
  (_chance, { rates }) => ({
    gap_ms: 2 * SECOND,
    subrequests: 50,
    trouble: 0,
    rates: { ...calm(rates, "none"), long_answer: 0.5, telegram_500: 0.1, model_slow: 0.3 },
  }),
];

export function shapeOf(chance: Random): Shape {
  const shape = anyShape(chance);
  if (!chance.chance(0.3)) return shape;
  const theme = chance.pick(THEMES);
  return { ...shape, ...theme(chance, shape) };
}

/** The rates of one kind of faults only. */
const calm = (rates: Shape["rates"], prefix: string): Shape["rates"] =>
  Object.fromEntries(Object.entries(rates).filter(([kind]) => kind.startsWith(prefix)));

/** A few of the places, at least one. */
function some(chance: Random, places: readonly Place[]): readonly Place[] {
  const wanted = chance.int(1, 5);
  const left = [...places];
  return Array.from({ length: wanted }, () => {
    const [place] = left.splice(chance.int(0, left.length - 1), 1);
    if (place === undefined) throw new Error("fewer places than wanted");
    return place;
  });
}
