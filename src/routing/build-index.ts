import { hashOf, matchKey, NUMBER_BITS, tagOf } from "./match.ts";
import { CONTEXT_KEYS, type ContextKey, type MatchSet, type RouteRef, type Rule } from "./types.ts";

/** What a route asks for: each key's value must be one of these. No keys, or an empty list, match nothing. */
export type Match = { readonly [Key in ContextKey]?: readonly string[] | undefined };

/** A route as it is written: where it stands, what it asks for and what it does. */
export interface Route extends RouteRef, Omit<Rule, "from"> {
  readonly match: Match;
}

/** Slots for each entry: fewer make lookups of unknown users long. */
const SLOTS_PER_ENTRY = 1.5;

interface Draft {
  readonly keys: readonly ContextKey[];
  readonly first: number;
  readonly seen: Set<string>;
  readonly hashes: number[];
  readonly entries: number[];
  length: number;
}

/**
 * Compiles routes, in first-match order, to what `findRule` reads. Build time and tests only: the Worker
 * imports the result.
 */
export function buildIndex(routes: readonly Route[]): { rules: Rule[]; index: MatchSet[] } {
  const rules = new Map<string, { readonly rule: Rule; readonly place: number }>();
  const drafts = new Map<string, Draft>();
  routes.forEach(({ index, line, match, from, set, system_prompt, fallbacks }, position) => {
    const rule: Rule = {
      from,
      set,
      ...(system_prompt && { system_prompt }),
      ...(fallbacks && { fallbacks }),
    };
    const name = JSON.stringify(rule);
    const place = rules.get(name)?.place ?? rules.size;
    rules.set(name, { rule, place });
    const keys = CONTEXT_KEYS.filter((key) => match[key] !== undefined);
    for (const values of combinations(match)) {
      const id = keys.join();
      const draft = drafts.get(id) ?? {
        keys,
        first: position,
        seen: new Set(),
        hashes: [],
        entries: [],
        length: 0,
      };
      drafts.set(id, draft);
      const key = matchKey(values);
      if (draft.seen.has(key)) continue;
      draft.seen.add(key);
      draft.hashes.push(hashOf(values));
      draft.entries.push(position, draft.length, index, line, place);
      draft.length += key.length;
    }
  });
  return {
    rules: [...rules.values()].map(({ rule }) => rule),
    index: [...drafts.values()]
      .sort((a, b) => a.first - b.first)
      .map(({ keys, first, seen, hashes, entries }) => ({
        keys,
        first,
        slots: slotsFor(hashes),
        entries,
        text: [...seen].join(""),
      })),
  };
}

/** Every list of values, one for each key in the order of `CONTEXT_KEYS`, that a match accepts. */
export function combinations(match: Match): string[][] {
  const lists = CONTEXT_KEYS.flatMap((key) => (match[key] === undefined ? [] : [match[key]]));
  if (lists.length === 0) return [];
  return lists.reduce<string[][]>(
    (heads, list) => heads.flatMap((head) => list.map((value) => [...head, value])),
    [[]],
  );
}

function slotsFor(hashes: readonly number[]): number[] {
  let size = 2;
  while (size < hashes.length * SLOTS_PER_ENTRY) size *= 2;
  const slots = new Array<number>(size).fill(0);
  hashes.forEach((hash, entry) => {
    let place = hash & (size - 1);
    while (slots[place] !== 0) place = (place + 1) & (size - 1);
    slots[place] = tagOf(hash) * 2 ** NUMBER_BITS + entry + 1;
  });
  return slots;
}
