import { Random } from "../runtime/chance.ts";
import { MIGRATING_CHAT } from "../world/places.ts";
import type { PlanEvent } from "./events.ts";
import type { FaultKind } from "./faults.ts";
import { SECOND, type Shape, shapeOf } from "./shape.ts";
import { writingsOf } from "./writing.ts";

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
  /** Answers are shown while they are written. */
  readonly live: boolean;
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

/** The plan of a seed: the same seed, the same plan. */
export function planOf(seed: number): Plan {
  const chance = new Random(seed);
  const shape = shapeOf(chance);
  return {
    seed,
    events: writingsOf(seed, eventsOf(chance, shape)),
    rates: shape.rates,
    subrequests: shape.subrequests,
    impatient: chance.chance(0.3),
    grows_old: chance.chance(0.1),
    live: chance.chance(0.6),
    suppressed: [],
  };
}

function eventsOf(chance: Random, shape: Shape): PlanEvent[] {
  const { places, length, pauses, pause_ms, gap_ms } = shape;
  // A group becomes a supergroup once, and is another chat from then on.
  const group = places.find(({ chat }) => chat === MIGRATING_CHAT);
  const migrates_at = group && chance.chance(0.2) ? chance.int(1, length) : 0;
  const events: PlanEvent[] = [];
  let at_ms = SECOND;
  for (let n = 1; n <= length; n++) {
    at_ms += Math.round(
      chance.chance(pauses) ? chance.spread(pause_ms / 100, pause_ms) : chance.spread(1, gap_ms),
    );
    if (group && n === migrates_at) events.push({ at_ms, kind: "migrate", place: group.name });
    const event = eventAt(chance, shape, n, at_ms);
    if (event) events.push(event);
  }
  return events;
}

function eventAt(chance: Random, shape: Shape, n: number, at_ms: number): PlanEvent | null {
  const { name: place, platform } = chance.pick(shape.places);
  if (chance.chance(shape.trouble)) return troubleAt(chance, shape, place, at_ms);
  if (chance.chance(shape.forged)) return { at_ms, kind: "forged", n, place };
  if (chance.chance(shape.operator)) {
    const model = chance.pick(["fast", "strong", null]);
    return { at_ms, kind: "operator", place, model, dated: chance.chance(0.7) };
  }
  if (!chance.chance(shape.commands)) {
    // Not so long that it looks as if a client had cut it.
    const units = chance.chance(0.05) ? chance.int(1_000, 3_800) : 0;
    return { at_ms, kind: "question", n, place, units };
  }
  const command = chance.pick(chance.chance(0.6) ? COMMANDS : MORE_COMMANDS);
  // Another agent's unknown command is a text like any other.
  if (platform === "hub" && command === "/nothing") return null;
  const text = NUMBERED.test(command) ? `${command}${n}` : command;
  return { at_ms, kind: "command", n, place, text };
}

/** What an operator or Cloudflare does to the gateway, beside the faults of chance. */
function troubleAt(chance: Random, { troubles, out_ms }: Shape, place: string, at_ms: number): PlanEvent {
  const kind = chance.pick(troubles);
  if (kind !== "storage_out") return { at_ms, kind };
  return { at_ms, kind, place, for_ms: Math.round(chance.spread(100, out_ms)) };
}
