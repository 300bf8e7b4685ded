import { PLATFORM_NAMES, platformFacts } from "../../src/message/platforms.ts";
import { findRule } from "../../src/routing/match.ts";
import { CONTEXT_KEYS } from "../../src/routing/match-keys.ts";
import type { CompiledRoutes, RoutingContext } from "../../src/routing/types.ts";
import { nearest } from "../../src/text/nearest.ts";
import { combinations } from "./build-index.ts";
import type { Path } from "./document.ts";
import type { DraftRoute } from "./draft.ts";
import type { Report } from "./endpoint.ts";
import { hint, quote } from "./issues.ts";
import { FOREIGN_PLATFORMS } from "./names.ts";
import { isYesOrNo } from "./schema-parts.ts";

/** Combinations of values that one match may unfold to. */
const MAX_COMBINATIONS = 100_000;

/** Whether a route's lists unfold to few enough combinations to compile; notes it if not. */
export function checkWidth({ match, path }: DraftRoute, report: Report): boolean {
  const width = Object.values(match).reduce((product, values) => product * (values?.length ?? 1), 1);
  if (width <= MAX_COMBINATIONS) return true;
  const most = MAX_COMBINATIONS.toLocaleString("en");
  report(
    "error",
    [...path, "match"],
    `these lists make ${width.toLocaleString("en")} combinations, more than ${most}`,
  );
  return false;
}

/** Routes that no message can take, and values that do not mean what they look like. */
export function lintMatches(
  routes: readonly DraftRoute[],
  compiled: Pick<CompiledRoutes, "rules" | "index">,
  report: Report,
): void {
  const seen = new Map<string, DraftRoute>();
  for (const [position, route] of routes.entries()) {
    checkValues(route, report);
    const path = route.written === undefined ? route.path : [...route.path, "match"];
    const part = route.written === undefined ? "key" : "value";
    const name = JSON.stringify(
      Object.entries(route.match).map(([key, values = []]) => [key, [...values].sort()]),
    );
    const twin = seen.get(name);
    const why = twin
      ? `the same match as in line ${twin.line}, which comes first`
      : whyNever(route, position, compiled);
    if (why !== null) report("warning", path, `never taken: ${why}`, part);
    if (!twin) seen.set(name, route);
  }
}

/** Why no message can take this route, or null. */
function whyNever(
  route: DraftRoute,
  position: number,
  compiled: Pick<CompiledRoutes, "rules" | "index">,
): string | null {
  if (Object.keys(route.match).length === 0) {
    return "an empty match matches nothing; what holds for every message goes on the model block itself";
  }
  const contexts = contextsOf(route);
  if (contexts.length === 0) return "an empty value matches nothing";
  const possible = contexts.filter(({ platform, source_kind }) => {
    const kinds = platformFacts(platform ?? "")?.source_kinds;
    return kinds === undefined || !source_kind || kinds.some((kind) => kind === source_kind);
  });
  if (possible.length === 0) {
    return `no ${contexts[0]?.source_kind} ever writes on ${contexts[0]?.platform}`;
  }
  const taken = possible.map((context) => findRule(compiled, context));
  if (taken.some((found) => found === null || found.position === position)) return null;
  const lines = [...new Set(taken.map((found) => found?.ref.line))];
  return `whatever matches here matches line ${lines.slice(0, 3).join(", ")} first`;
}

/** The contexts, of this route's keys alone, that it matches. */
function contextsOf({ match }: DraftRoute): RoutingContext[] {
  const keys = CONTEXT_KEYS.filter((key) => match[key] !== undefined);
  return combinations(match).map((values) => Object.fromEntries(keys.map((key, at) => [key, values[at]])));
}

function checkValues({ written, path }: DraftRoute, report: Report): void {
  for (const key of CONTEXT_KEYS) {
    const value = written?.[key];
    const each = Array.isArray(value) ? value : [value];
    each.forEach((one, index) => {
      const at = [...path, "match", key, ...(Array.isArray(value) ? [index] : [])];
      if (key === "platform" && typeof one === "string" && one !== "")
        checkPlatform(one, at, "value", report);
      if (typeof one === "boolean" && !isYesOrNo(key)) {
        const text = one ? "True" : "False";
        report("warning", at, `a bare ${one} is compared as ${quote(text)}, as in Hermes; put it in quotes`);
      }
    });
  }
}

/** A platform's name in a match or as a key: an error if it is mistyped, a warning if it is not one of ours. */
export function checkPlatform(name: string, path: Path, part: "key" | "value", report: Report): void {
  if (PLATFORM_NAMES.some((known) => known === name)) return;
  const lower = name.toLowerCase();
  const known = [...PLATFORM_NAMES, ...FOREIGN_PLATFORMS];
  if (lower !== name && known.some((one) => one === lower)) {
    report(
      "warning",
      path,
      `platform ${quote(name)} never matches: platforms are lower case, ${lower}`,
      part,
    );
    return;
  }
  const close = known.some((one) => one === lower) ? null : nearest(name, PLATFORM_NAMES);
  if (close !== null) report("error", path, `unknown platform ${quote(name)}${hint(close)}`, part);
  else report("warning", path, `this gateway has no platform ${quote(name)}: it never matches`, part);
}
