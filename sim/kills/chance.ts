/** A stream of chances that is the same for the same seed and name. */
export class Chance {
  #state: number;

  constructor(seed: number, name: string) {
    this.#state = [...name].reduce(
      (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619),
      seed,
    );
  }

  /** A number from 0 up to, but not, 1: mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between([from, to]: Range): number {
    return from + this.next() * (to - from);
  }

  /** Of the first range with this share of all cases, else of the second. */
  mostly(share: number, common: Range, rare: Range): number {
    return this.between(this.next() < share ? common : rare);
  }
}

export type Range = readonly [from: number, to: number];
