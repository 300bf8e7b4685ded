import { Random } from "../runtime/chance.ts";
import { PLACES } from "../world/places.ts";
import type { PlanEvent } from "./events.ts";

/** Seeds that people write in pieces in; a stream of its own leaves all others as they are. */
const SHARE = 0.25;
const STREAM = 0x0e17;
/** Numbers of what is written so: far from those of the other messages, ten for each. */
const FIRST_NUMBER = 10_000;
const MOST_PARTS = 4;
const AMBIGUOUS_MS = 10_000;

/**
 * What people write in more than one message, or correct: pasted texts that their app cuts, albums, something
 * forwarded with a comment, edits. In direct chats on Telegram, in between the other events.
 */
export function writingsOf(seed: number, events: readonly PlanEvent[]): readonly PlanEvent[] {
  const chance = new Random(seed ^ STREAM);
  if (!chance.chance(SHARE)) return events;
  const places = PLACES.filter(({ platform, chat }) => platform === "telegram" && !chat.startsWith("-"));
  const place = chance.pick(places).name;
  const written: PlanEvent[] = [];
  let number = FIRST_NUMBER;
  for (const { at_ms } of events) {
    if (!chance.chance(0.3) || isAmbiguous(events, place, at_ms)) continue;
    const n = number;
    number += 10;
    const form = chance.pick(["text", "album", "forward"] as const);
    const parts = chance.int(2, MOST_PARTS);
    const gap_ms = Math.round(chance.spread(1, 500));
    if (chance.chance(0.5)) written.push({ at_ms, kind: "pieces", n, place, form, parts, gap_ms });
    else written.push(...corrected(chance, n, place, at_ms));
  }
  return [...events, ...written].sort((a, b) => a.at_ms - b.at_ms);
}

/** Whether a text that begins with a slash is sent about then: behind a text that was cut it is no command. */
const isAmbiguous = (events: readonly PlanEvent[], place: string, at_ms: number): boolean =>
  events.some(
    (event) =>
      event.kind === "command" &&
      event.place === place &&
      event.text.startsWith("/nothing") &&
      Math.abs(event.at_ms - at_ms) < AMBIGUOUS_MS,
  );

/** A question that is asked behind another one, so that it waits, and one or two corrections of it. */
function corrected(chance: Random, n: number, place: string, at_ms: number): PlanEvent[] {
  const edits = chance.int(1, 2);
  return [
    { at_ms, kind: "question", n, place, units: 0 },
    { at_ms: at_ms + 1, kind: "question", n: n + 1, place, units: 0 },
    ...Array.from({ length: edits }, (_, index): PlanEvent => {
      const after_ms = Math.round(chance.spread(10, 3_000)) * (index + 1);
      return { at_ms: at_ms + 1 + after_ms, kind: "edit", n: n + 2 + index, of: n + 1, place };
    }),
  ];
}
