import { styleText } from "node:util";
import { CARRIED_NAMES, type Carried } from "../../src/routing/bundle-fields.ts";
import { CONTEXT_KEYS } from "../../src/routing/match-keys.ts";
import { resolve } from "../../src/routing/resolve.ts";
import { shareOf } from "../../src/routing/split.ts";
import type {
  Bundle,
  BundleField,
  CompiledRoutes,
  RouteRef,
  RoutingContext,
} from "../../src/routing/types.ts";
import { type Answer, answer, maskKey } from "./answer.ts";
import { ignoredBy } from "./asked.ts";
import type { DraftRoute } from "./draft.ts";
import { quote } from "./issues.ts";
import type { Question } from "./question.ts";

/** Routes that are told about one by one; the rest are counted. */
const TOLD = 12;
/** What is told about a bundle, in this order. */
const FIELDS = ["model", "provider", "base_url", "api_key", "api_mode", ...CARRIED_NAMES] as const;

/** The answer, and what its bundle carries, which `--json` does not tell. */
type Told = Answer & Carried;

/** The answer in words: which route, which layer set each field, and why the earlier routes did not match. */
export function story(
  routes: CompiledRoutes,
  written: readonly DraftRoute[],
  question: Question,
  file: string,
): string {
  const { context, override, session } = question;
  const { bundle, fallbacks } = resolve(routes, context, override, session);
  const found: Told = { ...bundle, ...answer(routes, question) };
  const place = written.findIndex((route) => isOf(found.route, route));
  const route = place < 0 ? undefined : written[place];
  const earlier = place < 0 ? written : written.slice(0, place);
  return [
    `${label("context ")} ${describeContext(context)}`,
    ...describeAccess(context, routes),
    `${label("route   ")} ${describeRoute(found.route, route, file)}`,
    ...describeSplit(route, session),
    "",
    ...FIELDS.flatMap((field) => describeField(field, found, question)),
    ...fallbacks.map(describeFallback),
    ...notMatched(earlier, context, found.route !== null),
  ].join("\n");
}

function describeContext(context: RoutingContext | null): string {
  const given = CONTEXT_KEYS.flatMap((key) => (context?.[key] ? [`${key}=${context[key]}`] : []));
  return given.join(" ") || "none (an internal operation): no route is looked for";
}

function describeAccess(context: RoutingContext | null, routes: CompiledRoutes): string[] {
  const why = context && ignoredBy(context, routes);
  return why === null
    ? []
    : [`${label("access  ")} ${styleText("red", `ignores it (${why}): nothing is asked`)}`];
}

function describeRoute(ref: RouteRef | null, route: DraftRoute | undefined, file: string): string {
  if (ref === null || route === undefined) return "none matches: the model block decides";
  return `${name(route)}, ${file}:${ref.line}, matches ${JSON.stringify(route.match)}`;
}

function describeSplit(route: DraftRoute | undefined, session: string | undefined): string[] {
  if (!route?.split) return [];
  const shares = route.split.map(({ name, weight }) => `${name} ${weight}`).join(", ");
  const side =
    session === undefined ? "(--session KEY decides the side)" : `→ ${shareOf(route.split, session)}`;
  return [`split: ${shares} ${side}`];
}

function describeField(field: BundleField, found: Told, question: Question): string[] {
  const layer = found.fields[field];
  if (layer === undefined) return [];
  const held = found[field];
  const value = typeof held === "object" && held !== null ? "(set)" : held;
  const named = layer === "override" && question.override?.model;
  const why = named && field === "model" && named !== value ? `override ${quote(named)}` : layer;
  return [`${label(field.padEnd(8))} ${bold(field, String(value ?? "none"))}  ← ${why}`];
}

function describeFallback({ model, provider, base_url, api_key }: Bundle): string {
  const key = api_key === null ? [] : [`key ${maskKey(api_key)}`];
  return `${label("fallback")} ${[model, provider, ...(base_url ? [base_url] : []), ...key].join(", ")}`;
}

const label = (text: string): string => styleText("dim", text);
const bold = (field: BundleField, text: string): string =>
  field === "model" ? styleText("bold", text) : text;

function notMatched(
  earlier: readonly DraftRoute[],
  context: RoutingContext | null,
  matched: boolean,
): string[] {
  if (context === null || earlier.length === 0) return [];
  const told = earlier.length <= TOLD + 1 ? earlier : earlier.slice(0, TOLD);
  const counts = new Map<string, number>();
  for (const route of earlier.slice(told.length)) {
    const { key } = whyNot(route, context);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [
    "",
    matched ? "Earlier routes that do not match:" : "No route matches:",
    ...told.map((route) => `  ${name(route)} (line ${route.line}): ${whyNot(route, context).reason}`),
    ...[...counts].map(([key, count]) => `  … and ${count.toLocaleString("en")} more, because of ${key}`),
  ];
}

/** The first match key that does not hold, and in words why. */
function whyNot(
  route: DraftRoute,
  context: RoutingContext,
): { readonly key: string; readonly reason: string } {
  for (const key of CONTEXT_KEYS) {
    const wanted = route.match[key];
    if (wanted === undefined) continue;
    const value = context[key];
    if (value === null || value === undefined) return { key, reason: `${key} is not given` };
    if (wanted.includes(value)) continue;
    const shown = wanted.slice(0, 3).map(quote).join(" or ") + (wanted.length > 3 ? " …" : "");
    return { key, reason: `${key} is ${quote(value)}, not ${shown || "anything"}` };
  }
  return { key: "an empty match", reason: "an empty match never matches" };
}

const name = ({ from, index, path }: DraftRoute): string =>
  from === "routes" ? `routes[${index}]` : `${from}.${path.at(-1)}`;

const isOf = (ref: RouteRef | null, route: DraftRoute): boolean =>
  ref !== null && ref.from === route.from && ref.index === route.index;
