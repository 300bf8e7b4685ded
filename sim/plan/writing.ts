import { Random } from "../runtime/chance.ts";
import { PLACES } from "../world/places.ts";
import type { PlanEvent } from "./events.ts";

/** Seeds that people write in pieces in; a stream of its own leaves all others as they are. */
const SHARE = 0.25;
const STREAM = 0x0e17;
/** Numbers of what is written so: far from those of the other messages, ten for each. */
const FIRST_NUMBER = 10_000;
const MOST_PARTS = 4;

/**
 * What people write in more than one message: pasted texts that their app cuts, albums, something
 * forwarded with a comment. In direct chats on Telegram, in between the other events.
 */
export function writingsOf(seed: number, events: readonly PlanEvent[]): readonly PlanEvent[] {
  const chance = new Random(seed ^ STREAM);
  if (!chance.chance(SHARE)) return events;
  const places = PLACES.filter(({ platform, chat }) => platform === "telegram" && !chat.startsWith("-"));
  const place = chance.pick(places).name;
  const written: PlanEvent[] = [];
  let number = FIRST_NUMBER;
  for (const { at_ms } of events) {
    if (!chance.chance(0.3)) continue;
    const n = number;
    number += 10;
    const form = chance.pick(["text", "album", "forward"] as const);
    const parts = chance.int(2, MOST_PARTS);
    const gap_ms = Math.round(chance.spread(1, 500));
    written.push({ at_ms, kind: "pieces", n, place, form, parts, gap_ms });
  }
  return [...events, ...written].sort((a, b) => a.at_ms - b.at_ms);
}
