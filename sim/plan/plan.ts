import { Random } from "../runtime/chance.ts";
import { MIGRATING_CHAT, PLACES, type Place } from "../world/places.ts";
import { FAULTS, type FaultKind } from "./faults.ts";

/** What is done to the gateway at a time, in milliseconds from the start. */
export type PlanEvent = { readonly at_ms: number } & (
  | { readonly kind: "question"; readonly n: number; readonly place: string; readonly units: number }
  | { readonly kind: "command"; readonly n: number; readonly place: string; readonly text: string }
  | { readonly kind: "forged"; readonly n: number; readonly place: string }
  | {
      readonly kind: "operator";
      readonly place: string;
      readonly model: string | null;
      readonly dated: boolean;
    }
  | { readonly kind: "migrate"; readonly place: string }
  | { readonly kind: "deploy" }
  | { readonly kind: "crash_all" }
  | { readonly kind: "evict_all" }
  | { readonly kind: "storage_out"; readonly place: string; readonly for_ms: number }
);

/** One run: what happens when, and how likely each fault is. */
export interface Plan {
  readonly seed: number;
  readonly events: readonly PlanEvent[];
  readonly rates: { readonly [Kind in FaultKind]?: number };
  /** Requests that one invocation may send: 50 on Workers Free, 10,000 on Paid. */
  readonly subrequests: number;
  /** Telegram delivers a chat's updates side by side, which it does not: harder than life. */
  readonly impatient: boolean;
  /** Afterwards everybody is silent for more than 90 days, and sessions are freed. */
  readonly grows_old: boolean;
  /** Faults that are not to happen, by their id: what a shrinker has found to be of no account. */
  readonly suppressed: readonly string[];
}

const COMMANDS = [
  "/model fast",
  "/model strong",
  "/model reset",
  "/model",
  "/model nonsense",
  "/status",
  "/new",
];
const MORE_COMMANDS = ["/stop", "/usage", "/help", "/nothing"];

/** Commands that exist nowhere: what answers them tells which one it was. */
const NUMBERED = /nonsense|nothing/;

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** The plan of a seed. Each seed chooses for itself what goes wrong, and how often: some are calm, some are hell. */
export function planOf(seed: number): Plan {
  const chance = new Random(seed);
  const temper = chance.pick([0, 0.15, 0.35, 0.35, 0.7]);
  const rates: { [kind: string]: number } = {};
  for (const [kind, [low, high]] of Object.entries(FAULTS)) {
    const on = chance.chance(temper);
    const rate = chance.spread(low, high);
    if (on) rates[kind] = rate;
  }
  // Now and then one conversation goes on for years.
  const years = chance.chance(0.01);
  const places = years ? [chance.pick(PLACES.filter(({ answered }) => answered))] : some(chance, PLACES);
  const length = years ? 400 : chance.int(8, 90);
  // How long nothing happens: between messages of a burst, and between bursts.
  const gap_ms = chance.spread(5 * SECOND, 5 * 60 * SECOND);
  const pause_ms = years ? 60 * DAY : chance.spread(60 * SECOND, 20 * DAY);
  const pauses = years ? 0.9 : chance.pick([0.02, 0.1, 0.3]);
  const commands = chance.pick([0, 0.1, 0.3, 0.6]);
  const trouble = temper === 0 ? 0 : chance.pick([0, 0.03, 0.1]);
  const forged = chance.pick([0, 0.03]);
  const operator = chance.pick([0, 0, 0.1]);
  // A group becomes a supergroup once, and is another chat from then on.
  const migrates = places.some(({ chat }) => chat === MIGRATING_CHAT) && chance.chance(0.2);
  const migrates_at = chance.int(1, length);
  const events: PlanEvent[] = [];
  let at_ms = 1_000;
  for (let n = 1; n <= length; n++) {
    at_ms += Math.round(chance.chance(pauses) ? chance.spread(SECOND, pause_ms) : chance.spread(1, gap_ms));
    const { name: place, platform, chat } = chance.pick(places);
    if (
      migrates &&
      n >= migrates_at &&
      chat === MIGRATING_CHAT &&
      !events.some(({ kind }) => kind === "migrate")
    ) {
      events.push({ at_ms, kind: "migrate", place });
    }
    if (chance.chance(trouble)) events.push(troubleAt(chance, place, at_ms));
    else if (chance.chance(forged)) events.push({ at_ms, kind: "forged", n, place });
    else if (chance.chance(operator)) {
      const model = chance.pick(["fast", "strong", null]);
      events.push({ at_ms, kind: "operator", place, model, dated: chance.chance(0.7) });
    } else if (chance.chance(commands)) {
      const command = chance.pick(chance.chance(0.6) ? COMMANDS : MORE_COMMANDS);
      // Another agent's unknown command is a text like any other.
      if (platform === "hub" && command === "/nothing") continue;
      const text = NUMBERED.test(command) ? `${command}${n}` : command;
      events.push({ at_ms, kind: "command", n, place, text });
    } else {
      const units = chance.chance(0.05) ? chance.int(1_000, 4_000) : 0;
      events.push({ at_ms, kind: "question", n, place, units });
    }
  }
  const subrequests = chance.pick([50, 10_000]);
  const impatient = chance.chance(0.3);
  return { seed, events, rates, subrequests, impatient, grows_old: chance.chance(0.1), suppressed: [] };
}

/** What an operator or Cloudflare does to the gateway, beside the faults of chance. */
function troubleAt(chance: Random, place: string, at_ms: number): PlanEvent {
  const kind = chance.pick(["deploy", "crash_all", "evict_all", "storage_out"] as const);
  if (kind === "deploy") return { at_ms, kind };
  if (kind === "crash_all") return { at_ms, kind };
  if (kind === "evict_all") return { at_ms, kind };
  return { at_ms, kind, place, for_ms: Math.round(chance.spread(100, 10 * 60 * SECOND)) };
}

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
