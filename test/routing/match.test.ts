import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findRule, matchKey } from "../../src/routing/match.ts";
import { CONTEXT_KEYS } from "../../src/routing/match-keys.ts";
import type { RoutingContext } from "../../src/routing/types.ts";
import { buildIndex, type Match, type Route } from "../../tools/routes/build-index.ts";

/** Few values, so that routes and contexts meet; some of them try to be something else. */
const value = fc.constantFrom(
  "telegram",
  "hub",
  "owner",
  "image",
  "42",
  "4",
  "2",
  "",
  "__proto__",
  "constructor",
  "toString",
  "0",
  "(telegram",
  "!a",
  "#42",
  "ключ",
  "\u0000",
  "\ud800",
  "x".repeat(300),
);
const match: fc.Arbitrary<Match> = fc.dictionary(
  fc.constantFrom(...CONTEXT_KEYS),
  fc.array(value, { maxLength: 3 }),
  { maxKeys: 4 },
);
const context: fc.Arbitrary<RoutingContext> = fc.dictionary(
  fc.constantFrom(...CONTEXT_KEYS),
  fc.option(value, { nil: null }),
);

function routes(matches: readonly Match[]): Route[] {
  return matches.map((each, index) => ({
    from: "routes",
    index,
    line: index + 2,
    match: each,
    // Some routes do the same, and share a rule.
    set: { model: `model-${index % 3}` },
  }));
}

/** The definition: walk the list, and take the first route whose every key holds. */
function scan(matches: readonly Match[], given: RoutingContext): number | null {
  const at = matches.findIndex((each) => {
    const keys = CONTEXT_KEYS.filter((key) => each[key] !== undefined);
    return keys.length > 0 && keys.every((key) => each[key]?.some((wanted) => wanted === given[key]));
  });
  return at < 0 ? null : at;
}

describe("the compiled index", () => {
  test("finds what a linear scan finds, for any routes and any context", () => {
    fc.assert(
      fc.property(
        fc.array(match, { maxLength: 20 }),
        fc.array(context, { maxLength: 10 }),
        (matches, contexts) => {
          const compiled: ReturnType<typeof buildIndex> = JSON.parse(
            JSON.stringify(buildIndex(routes(matches))),
          );
          for (const each of contexts) {
            const found = findRule(compiled, each);
            const at = scan(matches, each);
            expect(found?.ref ?? null).toEqual(
              at === null ? null : { from: "routes", index: at, line: at + 2 },
            );
            if (at !== null) expect(found?.rule.set.model).toBe(`model-${at % 3}`);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("finds each of many users, and no other", () => {
    const matches = Array.from({ length: 5000 }, (_, user) => ({
      platform: ["telegram"],
      user_id: [String(user * 3)],
    }));
    const compiled = buildIndex(routes(matches));
    for (let user = 0; user < 15_000; user++) {
      const found = findRule(compiled, { platform: "telegram", source_kind: "owner", user_id: String(user) });
      expect(found?.ref.index).toBe(user % 3 === 0 ? user / 3 : undefined);
    }
  });

  test("tells messages apart by modality", () => {
    const compiled = buildIndex(
      routes([
        { modality: ["image", "document"], platform: ["telegram"] },
        { modality: ["image"] },
        { platform: ["telegram"] },
      ]),
    );
    const at = (context: RoutingContext) => findRule(compiled, context)?.ref.index;
    expect(at({ platform: "telegram", modality: "document" })).toBe(0);
    expect(at({ platform: "discord", modality: "image" })).toBe(1);
    expect(at({ platform: "telegram", modality: "text" })).toBe(2);
    expect(at({ platform: "telegram" })).toBe(2);
    expect(at({ platform: "discord", modality: "voice" })).toBeUndefined();
  });

  test("shares what routes do, and keeps which route it was", () => {
    const compiled = buildIndex(
      routes(Array.from({ length: 30 }, (_, user) => ({ user_id: [String(user)] }))),
    );
    expect(compiled.rules).toHaveLength(3);
    expect(findRule(compiled, { user_id: "29" })?.ref).toEqual({ from: "routes", index: 29, line: 31 });
  });

  test("different values have different keys, whatever is in them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 3 }),
        fc.array(fc.string(), { maxLength: 3 }),
        (a, b) => {
          expect(matchKey(a) === matchKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
        },
      ),
    );
    expect(matchKey(["ab", "c"])).not.toBe(matchKey(["a", "bc"]));
  });
});
