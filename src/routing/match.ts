import type { CompiledRoutes, MatchSet, RouteRef, RoutingContext, Rule } from "./types.ts";

/** Numbers that an entry takes in `MatchSet.entries`. */
export const ENTRY_SIZE = 4;
/** An entry's first number: its position in the low bits, a part of its hash in the six above them. */
export const POSITION_BITS = 24;
export const POSITION_MASK = (1 << POSITION_BITS) - 1;
/** Added to a value's length to make the character before it: a printable one for the usual lengths. */
export const LENGTH_BASE = 32;

/** A match: what the route does, which route it is, and its position in first-match order. */
export interface Found {
  readonly rule: Rule;
  readonly ref: RouteRef;
  readonly position: number;
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
  let position = Number.POSITIVE_INFINITY;
  let entries: readonly number[] = [];
  let at = 0;
  for (const set of routes.index) {
    if (set.first >= position) break;
    const found = lookUp(set, context);
    const here = found < 0 ? position : ((set.entries[found] ?? 0) & POSITION_MASK) - 1;
    if (here < position) [position, entries, at] = [here, set.entries, found];
  }
  const rule = routes.rules[entries[at + 3] ?? -1];
  if (rule === undefined) return null;
  return { rule, ref: refOf(rule, position, entries[at + 2] ?? 0), position };
}

/** A route as it is referred to, from its rule, its position and its line. */
export function refOf({ from, index, name }: Rule, position: number, line: number): RouteRef {
  const place = index ?? position;
  return name === undefined ? { from, index: place, line } : { from, index: place, line, name };
}

/** Where the entry for this context stands in `set.entries`, or -1. */
function lookUp({ keys, entries, text }: MatchSet, context: RoutingContext): number {
  let hash = 0;
  for (const key of keys) {
    const value = context[key];
    if (value === null || value === undefined) return -1;
    hash = mix(hash, value);
  }
  hash = scatter(hash);
  const tag = tagOf(hash);
  const last = entries.length - 1;
  for (let at = (hash * ENTRY_SIZE) & last; ; at = (at + ENTRY_SIZE) & last) {
    const head = entries[at] ?? 0;
    if (head === 0) return -1;
    if (head >>> POSITION_BITS !== tag) continue;
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

/** The part of a hash that an entry keeps, so that most others need not be compared. */
export const tagOf = (hash: number): number => hash >>> 26;

/** FNV-1a over the length and the characters. */
function mix(hash: number, value: string): number {
  let mixed = Math.imul(hash ^ value.length, 0x01000193);
  for (let i = 0; i < value.length; i++) mixed = Math.imul(mixed ^ value.charCodeAt(i), 0x01000193);
  return mixed;
}

/** Mixes the high bits into the low ones, by which the table is indexed. */
function scatter(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (once ^ (once >>> 12)) >>> 0;
}
