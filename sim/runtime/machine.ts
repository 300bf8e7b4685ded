import type { Chance } from "./chance.ts";
import type { Loop } from "./loop.ts";
import type { Outside } from "./outside.ts";
import type { SimulatedStorage } from "./storage.ts";

/** What has written during the present macrotask. */
export interface Writer {
  /** The macrotask is over. */
  settle(): void;
}

/** A Durable Object that is not in memory. */
export interface EndedObject {
  readonly name: string;
  readonly storage: Pick<SimulatedStorage, "has" | "inspect">;
  /** An alarm brings it back, or was lost on its way. */
  readonly isWatched: boolean;
}

/** What a run of the simulation stands on. */
export interface Machine {
  readonly loop: Loop;
  readonly chance: Chance;
  readonly outside: Outside;
  readonly writers: Set<Writer>;
  /** External requests that one invocation may send (Workers Free: 50). */
  readonly subrequests: number;
  /** A line of the trace. The text is made only if the trace is read. */
  note(who: string, what: () => string): void;
  /** The life of an object is over: its storage is as the next one will find it. */
  ended(object: EndedObject): void;
  /** What must never happen, whatever else does: the run has failed. */
  complain(what: string): void;
}

/** How long something takes, in milliseconds: mostly near the lower end. */
export function latency(machine: Machine, stream: string, low: number, high: number): number {
  const chance = machine.chance.stream(`latency ${stream}`).next();
  return low + (high - low) * chance ** 4;
}
