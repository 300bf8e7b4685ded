import type { CompiledRoutes, MatchSet, RouteRef, RoutingContext, Rule } from "./types.ts";

/** Numbers that an entry takes in `MatchSet.entries`. */
export const ENTRY_SIZE = 5;
/** A slot's low bits hold an entry's number, the six above them a part of its hash. */
export const NUMBER_BITS = 24;
const NUMBER_MASK = (1 << NUMBER_BITS) - 1;
/** Added to a value's length to make the character before it: a printable one for the usual lengths. */
const LENGTH_BASE = 32;

/** A match: what the route does, and which route it is. */
export interface Found {
  readonly rule: Rule;
  readonly ref: RouteRef;
}

/**
 * The first route whose every match key holds in this context, or null: one hash lookup for each distinct set
 * of match keys, however many routes there are.
 */
export function findRule(
  routes: Pick<CompiledRoutes, "rules" | "index">,
  context: RoutingContext | null,
): Found | null {
  if (context === null) return null;
  let best = Number.POSITIVE_INFINITY;
  let entries: readonly number[] = [];
  let at = 0;
  for (const set of routes.index) {
    if (set.first >= best) break;
    const found = lookUp(set, context);
    const position = found < 0 ? best : (set.entries[found] ?? best);
    if (position < best) [best, entries, at] = [position, set.entries, found];
  }
  const rule = routes.rules[entries[at + 4] ?? -1];
  if (rule === undefined) return null;
  return { rule, ref: { from: rule.from, index: entries[at + 2] ?? 0, line: entries[at + 3] ?? 0 } };
}

/** Where the entry for this context stands in `set.entries`, or -1. */
function lookUp({ keys, slots, entries, text }: MatchSet, context: RoutingContext): number {
  let hash = 0;
  for (const key of keys) {
    const value = context[key];
    if (value === null || value === undefined) return -1;
    hash = mix(hash, value);
  }
  hash = scatter(hash);
  const tag = tagOf(hash);
  const mask = slots.length - 1;
  for (let place = hash & mask; ; place = (place + 1) & mask) {
    const slot = slots[place] ?? 0;
    if (slot === 0) return -1;
    if (slot >>> NUMBER_BITS !== tag) continue;
    const at = ((slot & NUMBER_MASK) - 1) * ENTRY_SIZE;
    let offset = entries[at + 1] ?? 0;
    const same = keys.every((key) => {
      const value = context[key] ?? "";
      const start = offset + 1;
      offset = start + value.length;
      return text.charCodeAt(start - 1) === LENGTH_BASE + value.length && text.startsWith(value, start);
    });
    if (same) return at;
  }
}

/**
 * One string for a list of values, different for different lists: each value stands behind a character that
 * gives its length, so that nothing inside a user's id can imitate another list.
 */
export function matchKey(values: readonly string[]): string {
  return values.map((value) => String.fromCharCode(LENGTH_BASE + value.length) + value).join("");
}

/** The hash under which these values are found. */
export const hashOf = (values: readonly string[]): number => scatter(values.reduce(mix, 0));

/** The part of a hash that a slot keeps, so that most other entries need not be looked at. */
export const tagOf = (hash: number): number => hash >>> 26;

/** FNV-1a over the length and the characters. */
function mix(hash: number, value: string): number {
  let mixed = Math.imul(hash ^ value.length, 0x01000193);
  for (let i = 0; i < value.length; i++) mixed = Math.imul(mixed ^ value.charCodeAt(i), 0x01000193);
  return mixed;
}

/** Brings the high bits down, where the table looks. */
function scatter(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (once ^ (once >>> 12)) >>> 0;
}
