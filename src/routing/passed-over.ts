import { ENTRY_SIZE, findRule, LENGTH_BASE, POSITION_MASK, refOf } from "./match.ts";
import type { ContextKey } from "./match-keys.ts";
import type { CompiledRoutes, MatchSet, RouteRef, RoutingContext, Rule } from "./types.ts";

/** A route that does not match: the first of its match keys that does not hold, and the values it wants. */
export interface PassedOver {
  readonly ref: RouteRef;
  readonly key: ContextKey;
  readonly wanted: readonly string[];
}

interface Entry {
  readonly set: MatchSet;
  readonly at: number;
  readonly position: number;
  /** Where its values start in the set's text: in the order in which they are written in the routes file. */
  readonly start: number;
}

/**
 * The routes before the one that this context takes, in first-match order; at most so many, and how many more
 * there are. It reads the whole index, which no turn does.
 */
export function passedOver(
  { rules, index }: Pick<CompiledRoutes, "rules" | "index">,
  context: RoutingContext,
  most: number,
): { readonly told: readonly PassedOver[]; readonly more: number } {
  const end = findRule({ rules, index }, context)?.position ?? Number.POSITIVE_INFINITY;
  const routes = new Map<number, Entry[]>();
  for (const set of index) {
    for (let at = 0; at < set.entries.length; at += ENTRY_SIZE) {
      const position = ((set.entries[at] ?? 0) & POSITION_MASK) - 1;
      if (position < 0 || position >= end) continue;
      const entries = routes.get(position) ?? [];
      routes.set(position, entries);
      entries.push({ set, at, position, start: set.entries[at + 1] ?? 0 });
    }
  }
  const told = [...routes]
    .sort(([a], [b]) => a - b)
    .slice(0, most)
    .flatMap(([, entries]) => whyNot(rules, entries, context) ?? []);
  return { told, more: Math.max(0, routes.size - most) };
}

/** Why a route with these entries, which are all in one set, does not match. */
function whyNot(
  rules: readonly Rule[],
  entries: readonly Entry[],
  context: RoutingContext,
): PassedOver | null {
  const [first] = entries;
  const rule = rules[first?.set.entries[first.at + 3] ?? -1];
  if (!first || !rule) return null;
  const lists = [...entries].sort((a, b) => a.start - b.start).map(valuesOf);
  for (const [place, key] of first.set.keys.entries()) {
    const wanted = [...new Set(lists.map((values) => values[place] ?? ""))];
    if (wanted.includes(context[key] ?? "")) continue;
    return { ref: refOf(rule, first.position, first.set.entries[first.at + 2] ?? 0), key, wanted };
  }
  return null;
}

/** An entry's values, one for each key of its set: what `matchKey` wrote. */
function valuesOf({ set: { keys, text }, start: first }: Entry): string[] {
  let offset = first;
  return keys.map(() => {
    const start = offset + 1;
    offset = start + text.charCodeAt(offset) - LENGTH_BASE;
    return text.slice(start, offset);
  });
}
