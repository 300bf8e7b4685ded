import type { PlanEvent } from "./plan/events.ts";
import type { Gateway } from "./runtime/gateway.ts";
import type { Machine } from "./runtime/machine.ts";
import { PLACES, type Place } from "./world/places.ts";
import type { Senders } from "./world/senders.ts";
import type { World } from "./world/world.ts";

/** How often a group talks before somebody asks the bot. */
const MURMURS = 0.3;

/** Everything that an event can touch. */
export interface Stage {
  readonly machine: Machine;
  readonly world: World;
  readonly gateway: Gateway;
  readonly senders: Senders;
}

/** Lets an event of the plan happen. */
export function happen(event: PlanEvent, stage: Stage): void {
  const { senders, gateway, machine } = stage;
  switch (event.kind) {
    case "question": {
      const place = placeOf(event.place);
      const isGroup = place.platform === "telegram" && place.chat.startsWith("-");
      if (isGroup && machine.chance.stream(`murmurs ${place.name}`).chance(MURMURS)) {
        senders.murmur(event.n, place);
      }
      const more = event.units > 0 ? ` ${"lorem ".repeat(event.units / 6)}` : "";
      senders.say(event.n, place, `q${event.n}${more}`, false);
      break;
    }
    case "command":
      senders.say(event.n, placeOf(event.place), event.text, true);
      break;
    case "pieces":
      senders.pieces(event, placeOf(event.place));
      break;
    case "edit":
      senders.edit(event.n, event.of, placeOf(event.place));
      break;
    case "forged":
      senders.forge(event.n, placeOf(event.place));
      break;
    case "migrate":
      senders.migrate(placeOf(event.place));
      break;
    case "operator":
      setOverride(event, stage);
      break;
    case "storage_out":
      for (const object of gateway.objects()) {
        const { session, platform } = placeOf(event.place);
        const concerned = object.name === session || (platform === "hub" && object.name.startsWith("inbox:"));
        if (concerned) object.cutStorage(event.for_ms);
      }
      break;
    case "deploy":
    case "crash_all":
    case "evict_all":
      endObjects(event.kind, stage);
  }
}

/** The operator changes a session's override in KV, from another place in the world. */
function setOverride(
  event: Extract<PlanEvent, { kind: "operator" }>,
  { machine, world, gateway }: Stage,
): void {
  const { now } = machine.loop;
  const set_at = event.dated ? { set_at: new Date(now).toISOString() } : {};
  const value =
    event.model === null ? null : JSON.stringify({ model: event.model, set_by: "operator", ...set_at });
  const session = world.telegram.sessionOf(placeOf(event.place));
  for (const kv of gateway.kv.values()) {
    if (!kv.takes(`override:${session}`)) continue;
    kv.write(`override:${session}`, value, "sfo");
    world.traffic.operator.push({ at: now, session, model: event.model, dated: event.dated });
  }
}

const ENDS = { deploy: "deployed", crash_all: "crashed", evict_all: "evicted" } as const;

/** Ends every object that is in memory; an eviction only those that are idle. */
function endObjects(kind: keyof typeof ENDS, { machine, gateway }: Stage): void {
  machine.note("operator", () => kind);
  for (const object of gateway.objects()) {
    if (!object.awake || (kind === "evict_all" && !object.idle)) continue;
    // A deployment reaches the objects one by one.
    const some = machine.chance.stream(`deploys ${object.name}`);
    machine.loop.after(kind === "deploy" ? some.spread(1, 10_000) : 0, () => object.end(ENDS[kind]));
  }
}

function placeOf(name: string): Place {
  const place = PLACES.find((candidate) => candidate.name === name);
  if (place === undefined) throw new Error(`no place ${name}`);
  return place;
}
