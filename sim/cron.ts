import { unfinished } from "./judge/tables.ts";
import type { Gateway } from "./runtime/gateway.ts";
import type { Task } from "./runtime/loop.ts";
import type { Machine } from "./runtime/machine.ts";
import type { World } from "./world/world.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** What a trigger sets in motion by itself, and a little more. */
const TASKS_OF_A_TRIGGER = 60;
/** Within this time the register of sessions comes to each of them, one slot every ten minutes. */
export const ROUND_MS = 7 * 60 * MINUTE;
const SLOT_MS = 10 * MINUTE;
/** For so long after a message the register comes again, round after round. */
const LOOKED_AT_MS = 2 * DAY;

/**
 * The cron trigger: every minute while something goes on, every ten while something is unfinished and the register
 * would come again, else seldom, because a trigger that finds nothing to do costs the simulation time and tells it
 * nothing.
 */
export class Cron {
  readonly #machine: Machine;
  readonly #gateway: Gateway;
  readonly #world: World;
  #next: Task | null = null;
  /** Tasks that there had been at the last trigger. */
  #seen = 0;
  #busy_at: number;

  constructor(machine: Machine, gateway: Gateway, world: World) {
    this.#machine = machine;
    this.#gateway = gateway;
    this.#world = world;
    this.#busy_at = machine.loop.now;
  }

  /** Something happens: the next minute triggers. */
  wake(): void {
    this.#at(onTheClock(this.#machine.loop.now + 1, MINUTE));
  }

  /** Triggers no more by itself. */
  stop(): void {
    if (this.#next) this.#machine.loop.cancel(this.#next);
  }

  /** Triggers often enough for a round of the register, from this time on. */
  round(from: number): void {
    for (let at = onTheClock(from, SLOT_MS); at < from + ROUND_MS; at += SLOT_MS) {
      this.#machine.loop.at(at, () => this.#gateway.worker.trigger());
    }
  }

  /** Whether something is unfinished. */
  get isOpen(): boolean {
    return (
      this.#world.hub.unread > 0 || this.#gateway.objects().some((object) => unfinished(object).length > 0)
    );
  }

  #at(time: number): void {
    this.stop();
    this.#next = this.#machine.loop.at(time, () => this.#trigger());
  }

  #trigger(): void {
    const { loop, chance } = this.#machine;
    this.#gateway.worker.trigger();
    const busy = loop.count - this.#seen > TASKS_OF_A_TRIGGER;
    this.#seen = loop.count;
    if (busy) {
      this.#busy_at = loop.now;
      this.wake();
      return;
    }
    const soon = loop.now - this.#busy_at < LOOKED_AT_MS && this.isOpen;
    // Hub's messages are to be marked before their sessions forget their ids.
    const longest = this.#world.hub.unread > 0 ? 6 * 60 * MINUTE : 10 * DAY;
    const pause_ms = soon ? SLOT_MS : chance.stream("cron").spread(60 * MINUTE, longest);
    this.#at(onTheClock(loop.now + pause_ms, SLOT_MS));
  }
}

const onTheClock = (time: number, step: number): number => Math.ceil(time / step) * step;
