import type { SessionState } from "./state.ts";

type Needed = Pick<SessionState, "alarm" | "overheard">;

/** The session's one alarm: it rings for whatever is due first. */
export class Wake {
  readonly #state: Needed;
  /** When it rings, as far as this object has armed it. */
  #at = Number.POSITIVE_INFINITY;

  constructor(state: Needed) {
    this.#state = state;
  }

  /**
   * Arms the alarm unless it rings earlier anyway: one write for a burst of messages, not one each.
   * @param time in Unix milliseconds; by default when what was overheard has to go, which no later time may replace
   */
  at(time = Number.POSITIVE_INFINITY): void {
    const { overheard, alarm } = this.#state;
    const due = Math.min(time, overheard.until ?? time);
    if (this.#at <= due) return;
    this.#at = due;
    alarm.set(due);
  }

  /** It has rung: it is armed no more. */
  rang(): void {
    this.#at = Number.POSITIVE_INFINITY;
  }
}
