import { Recent } from "../../lib/recent.ts";
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, MAX_PAUSES } from "./limits.ts";

/** The pause after the nth failure in a row, in milliseconds. */
export function pauseAfter(failures: number, longest_ms = LONGEST_PAUSE_MS): number {
  return Math.min(longest_ms, FIRST_PAUSE_MS * 2 ** (failures - 1));
}

/**
 * Until when each sender is left alone whose messages could not be handed on: they take none of a look's places.
 * In memory; times in Unix milliseconds.
 */
export class Pauses {
  readonly #paused = new Recent<string, { readonly until: number; readonly failures: number }>(MAX_PAUSES);

  /** When this sender is tried again; null if it may be at once. */
  until(sender: string, now: number): number | null {
    const until = this.#paused.get(sender)?.until ?? 0;
    return until > now ? until : null;
  }

  /** How often in a row it did not get on. */
  failures(sender: string): number {
    return this.#paused.get(sender)?.failures ?? 0;
  }

  /** Pauses this sender, for longer each time; returns until when. */
  fail(sender: string, now: number, longest_ms = LONGEST_PAUSE_MS): number {
    const failures = this.failures(sender) + 1;
    const until = now + pauseAfter(failures, longest_ms);
    this.#paused.set(sender, { until, failures });
    return until;
  }

  /** This sender's messages get on again. */
  end(sender: string): void {
    this.#paused.delete(sender);
  }
}
