import type { InboxRow } from "./store.ts";

/** A session's turns that are not finished. The first one is in hand. */
export class TurnQueue {
  readonly #rows: InboxRow[] = [];

  get length(): number {
    return this.#rows.length;
  }

  /** The turn in hand; undefined if there is nothing to do. */
  get head(): InboxRow | undefined {
    return this.#rows[0];
  }

  /** Adds a row at the end, but before those waiting whom its platform counted after it. */
  add(row: InboxRow): void {
    const { sequence = Number.POSITIVE_INFINITY } = row.message;
    let place = this.#rows.length;
    while (place > 1 && (this.#rows[place - 1]?.message.sequence ?? 0) > sequence) place--;
    this.#rows.splice(place, 0, row);
  }

  /** Takes the turn in hand out: it is finished. */
  shift(): void {
    this.#rows.shift();
  }

  /** Rows behind the head, not answered yet, that arrived before this one. */
  waitingBefore(seq: number): InboxRow[] {
    return this.#rows.slice(1).filter((row) => row.seq < seq && row.state === "waiting");
  }
}
