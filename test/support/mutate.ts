import * as fc from "fast-check";

/** One change of a JSON value: which place in it, what happens there, and what with. */
export interface Change {
  readonly place: number;
  readonly how: "replace" | "delete" | "wrap" | "add";
  readonly value: unknown;
}

/** What a hostile or broken sender may put where something else belongs. */
const JUNK: readonly unknown[] = [
  null,
  true,
  "",
  "\u0000",
  "\ud800",
  "\u202e/new",
  "x".repeat(20_000),
  "/".repeat(300),
  `/${"n".repeat(2_000)}`,
  "__proto__",
  "constructor",
  -1,
  0,
  1.5,
  1e300,
  -0,
  2 ** 53,
  9_007_199_254_740_993n.toString(),
  [],
  [[[[[[[[]]]]]]]],
  Array.from({ length: 5_000 }, (_, n) => n),
  {},
  { toString: "no function" },
  { length: 1e9 },
];

export const change: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(),
  how: fc.constantFrom("replace", "delete", "wrap", "add"),
  value: fc.oneof(
    { arbitrary: fc.constantFrom(...JUNK), weight: 3 },
    { arbitrary: fc.jsonValue(), weight: 1 },
  ),
});

/** A JSON value with these changes, each at one of the places that it has by then. */
export function changed(sample: unknown, changes: readonly Change[]): unknown {
  const root: Holder = { value: structuredClone(sample) };
  for (const { place, how, value: given } of changes) {
    // Changed itself by a later change, it must not be in two places.
    const value = structuredClone(given);
    const places = placesIn(root, "value");
    const [holder, key] = places[place % places.length] ?? [root, "value"];
    const there = holder[key];
    if (how === "delete") delete holder[key];
    else if (how === "replace") holder[key] = value;
    else if (how === "wrap") holder[key] = [there, value];
    else if (isHolder(there)) there[JUNK_KEYS[place % JUNK_KEYS.length] ?? ""] = value;
  }
  return root.value;
}

const JUNK_KEYS = ["__proto__x", "", "constructor", "text", "entities", "id", "from", "chat", "0"];

type Holder = Record<string, unknown>;

const isHolder = (value: unknown): value is Holder => typeof value === "object" && value !== null;

/** Every place in what a holder has under a key, this one first. */
function placesIn(holder: Holder, key: string): [Holder, string][] {
  const value = holder[key];
  const inside = isHolder(value) ? Object.keys(value).flatMap((name) => placesIn(value, name)) : [];
  return [[holder, key], ...inside];
}

/** One change of a body's bytes. */
export interface Damage {
  readonly at: number;
  readonly how: "cut" | "flip" | "insert";
  readonly byte: number;
}

export const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("cut", "flip", "insert"),
  byte: fc.integer({ min: 0, max: 255 }),
});

export function damaged(bytes: Uint8Array, damages: readonly Damage[]): Uint8Array<ArrayBuffer> {
  let all = [...bytes];
  for (const { at, how, byte } of damages) {
    const index = all.length === 0 ? 0 : at % all.length;
    if (how === "cut") all = all.slice(0, index);
    else if (how === "flip") all[index] = (all[index] ?? 0) ^ (byte || 1);
    else all.splice(index, 0, byte);
  }
  return Uint8Array.from(all);
}
