import { known } from "./known.ts";

/** A 32-bit hash of a text (FNV-1a with a final mix). */
export function hash(text: string, seed = 0): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A reproducible source of chance (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number, both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.next() * values.length)];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  }

  /** Between two positive numbers, each order of magnitude as likely as any other. */
  spread(low: number, high: number): number {
    return low * (high / low) ** this.next();
  }
}

/**
 * Every chance of a run, in streams by name, so that leaving one event out changes little of what happens
 * elsewhere: that is what makes a failing run shrink.
 */
export class Chance {
  /** No fault happens any more. */
  calm = false;
  /** The faults that happened, by `kind@where#n`. */
  readonly fired: string[] = [];
  readonly #seed: number;
  readonly #rates: { readonly [kind: string]: number };
  readonly #suppressed: ReadonlySet<string>;
  readonly #streams = new Map<string, Random>();
  readonly #counts = new Map<string, number>();

  constructor(
    seed: number,
    rates: { readonly [kind: string]: number } = {},
    suppressed: ReadonlySet<string> = new Set(),
  ) {
    this.#seed = seed;
    this.#rates = rates;
    this.#suppressed = suppressed;
  }

  stream(name: string): Random {
    return known(this.#streams, name, () => new Random(hash(name, this.#seed)));
  }

  /**
   * Whether a fault of this kind happens here. Each place has a count and a stream of its own.
   * @param part tells the places of one owner apart
   */
  hits(kind: string, where: string, part = ""): boolean {
    const rate = this.#rates[kind] ?? 0;
    if (rate === 0 || this.calm) return false;
    const place = `${kind}@${where} ${part}`;
    const n = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, n);
    if (!this.stream(place).chance(rate)) return false;
    const id = `${place}#${n}`;
    if (this.#suppressed.has(id)) return false;
    this.fired.push(id);
    return true;
  }
}
