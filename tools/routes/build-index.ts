import { ENTRY_SIZE, hashOf, matchKey, POSITION_BITS, tagOf } from "../../src/routing/match.ts";
import { CONTEXT_KEYS, type ContextKey } from "../../src/routing/match-keys.ts";
import type { MatchSet, RouteRef, Rule } from "../../src/routing/types.ts";

/** What a route asks for: each key's value must be one of these. No keys, or an empty list, match nothing. */
export type Match = { readonly [Key in ContextKey]?: readonly string[] | undefined };

/** A route as it is written: where it stands, what it asks for and what it does. */
export interface Route extends RouteRef, Omit<Rule, "from" | "index"> {
  readonly match: Match;
}

/** Room for each entry: with less, lookups of unknown users would be long. */
const ROOM = 1.5;

/** A match set in the making; its key in `found` is its entry's text. */
interface Draft {
  readonly keys: readonly ContextKey[];
  readonly first: number;
  readonly found: Map<string, Entry>;
}

interface Entry {
  readonly hash: number;
  readonly position: number;
  readonly line: number;
  readonly place: number;
}

/**
 * Compiles routes, in first-match order, to what `findRule` reads; those of the list `routes` stand first. Build
 * time and tests only: the Worker imports the result.
 */
export function buildIndex(routes: readonly Route[]): { rules: Rule[]; index: MatchSet[] } {
  const places = new Map<string, number>();
  const rules: Rule[] = [];
  const drafts = new Map<string, Draft>();
  routes.forEach((route, position) => {
    const rule = ruleOf(route);
    const name = JSON.stringify(rule);
    const place = places.get(name) ?? rules.push(rule) - 1;
    places.set(name, place);
    const keys = CONTEXT_KEYS.filter((key) => route.match[key] !== undefined);
    for (const values of combinations(route.match)) {
      const id = keys.join();
      const draft = drafts.get(id) ?? { keys, first: position, found: new Map() };
      drafts.set(id, draft);
      const key = matchKey(values);
      if (draft.found.has(key)) continue;
      draft.found.set(key, { hash: hashOf(values), position, line: route.line, place });
    }
  });
  const index = [...drafts.values()]
    .sort((a, b) => a.first - b.first)
    .map(({ keys, first, found }) => ({
      keys,
      first,
      entries: tableOf(found),
      text: [...found.keys()].join(""),
    }));
  return { rules, index };
}

/** What a route does, without where it stands. */
function ruleOf({ from, index, name, set, system_prompt, fallbacks, tell_fallback, split }: Route): Rule {
  return {
    from,
    ...(from !== "routes" && { index }),
    ...(name !== undefined && { name }),
    set,
    ...(system_prompt && { system_prompt }),
    ...(fallbacks && { fallbacks }),
    ...(tell_fallback !== undefined && { tell_fallback }),
    ...(split && { split }),
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

function tableOf(found: ReadonlyMap<string, Entry>): number[] {
  let size = 2;
  while (size < found.size * ROOM) size *= 2;
  const table = new Array<number>(size * ENTRY_SIZE).fill(0);
  let offset = 0;
  for (const [key, { hash, position, line, place }] of found) {
    let at = (hash * ENTRY_SIZE) & (table.length - 1);
    while (table[at] !== 0) at = (at + ENTRY_SIZE) & (table.length - 1);
    table.splice(at, ENTRY_SIZE, tagOf(hash) * 2 ** POSITION_BITS + position + 1, offset, line, place);
    offset += key.length;
  }
  return table;
}
