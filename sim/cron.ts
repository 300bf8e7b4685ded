import { unfinished } from "./judge/tables.ts";
import type { Gateway } from "./runtime/gateway.ts";
import type { Machine } from "./runtime/machine.ts";
import type { World } from "./world/world.ts";

const MINUTE = 60_000;
/** What a trigger sets in motion by itself, and a little more. */
const TASKS_OF_A_TRIGGER = 60;
/** Within this time the register of sessions comes to each of them, one slot every ten minutes. */
export const ROUND_MS = 7 * 60 * MINUTE;
const SLOT_MS = 10 * MINUTE;

/**
 * The cron trigger: every minute while something goes on, every ten for as long as the register needs if something is
 * unfinished, else seldom, because a trigger that finds nothing to do costs the simulation time and tells it nothing.
 */
export function keepCron({ loop, chance }: Machine, gateway: Gateway, world: World, until: number): void {
  let seen = 0;
  let busy_at = loop.now;
  const tick = () => {
    gateway.worker.trigger();
    const busy = loop.count - seen > TASKS_OF_A_TRIGGER;
    if (busy) busy_at = loop.now;
    seen = loop.count;
    const soon = loop.now - busy_at < ROUND_MS && isOpen(gateway, world);
    const pause_ms = busy
      ? MINUTE
      : soon
        ? SLOT_MS
        : chance.stream("cron").spread(60 * MINUTE, 240 * 60 * MINUTE);
    const next = onTheClock(loop.now + pause_ms, busy ? MINUTE : SLOT_MS);
    if (next < until) loop.at(next, tick);
  };
  loop.after(MINUTE, tick);
}

/** Triggers often enough for a round of the register, from this time on, if anything is unfinished then. */
export function keepRound({ loop }: Machine, gateway: Gateway, world: World, from: number): void {
  loop.at(from, () => {
    if (isOpen(gateway, world)) goRound(loop, gateway, from);
  });
}

/** Triggers often enough for a round of the register, from this time on. */
export function goRound(loop: Machine["loop"], gateway: Gateway, from: number): void {
  for (let at = onTheClock(from, SLOT_MS); at < from + ROUND_MS; at += SLOT_MS) {
    loop.at(at, () => gateway.worker.trigger());
  }
}

const onTheClock = (time: number, step: number): number => Math.ceil(time / step) * step;

/** Whether something is unfinished. */
const isOpen = (gateway: Gateway, { hub }: World): boolean =>
  hub.unread > 0 || gateway.objects().some((object) => unfinished(object).length > 0);
