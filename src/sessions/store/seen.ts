import { REMEMBER_MS } from "../limits.ts";

/** Delivery ids that are remembered at the most, however many come within the time. */
const MAX_SEEN = 20_000;

interface Seen {
  readonly seq: number;
  /** When it came, in Unix milliseconds. */
  readonly at: number;
}

/** The delivery ids by which a redelivery is recognised: those of `REMEMBER_MS`, oldest first. */
export class SeenDeliveries {
  readonly #ids = new Map<string, Seen>();

  has(delivery_id: string): boolean {
    return this.#ids.has(delivery_id);
  }

  /** The exchange of a message; undefined where it is not remembered. */
  seqOf(delivery_id: string): number | undefined {
    return this.#ids.get(delivery_id)?.seq;
  }

  add(delivery_id: string, seen: Seen): void {
    this.#ids.set(delivery_id, seen);
  }

  /** The exchange from which on ids are remembered; those before it are forgotten. Undefined if there is none. */
  from(now: number): number | undefined {
    for (const [id, { seq, at }] of this.#ids) {
      if (at >= now - REMEMBER_MS && this.#ids.size <= MAX_SEEN) return seq;
      this.#ids.delete(id);
    }
    return undefined;
  }
}
