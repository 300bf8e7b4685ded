import type { Variables } from "../env.ts";
import { own } from "../lib/own.ts";
import { OF_ENDPOINT } from "./bundle-fields.ts";
import { base, finish, type Layered, over, sameEndpoint, sharedOf, withoutEndpoint } from "./layers.ts";
import { type Found, findRule } from "./match.ts";
import { API_MODES, findProvider } from "./providers.ts";
import { missingSecrets } from "./secrets.ts";
import { shareOf } from "./split.ts";
import type {
  Bundle,
  BundleFields,
  CompiledRoutes,
  Layer,
  Override,
  Resolution,
  RouteRef,
  RoutingContext,
  Rule,
} from "./types.ts";

/** What says where a request goes, and not only which model it asks for. */
const ENDPOINT_FIELDS = ["provider", "base_url", "api_key", "api_mode", ...OF_ENDPOINT] as const;

/** A layer that was left out, its route if it is one, and the secrets it lacks, by name. */
export interface Skipped {
  readonly layer: Exclude<Layer, "base"> | "job";
  readonly route: RouteRef | null;
  readonly missing: readonly string[];
}

export type UsableResolution = Resolution & { readonly skipped: readonly Skipped[] };

/**
 * The bundle for a message: base, then the first route that matches, then the session's override.
 * A null or empty context (an internal operation) takes no route. Pure, and never fails.
 * @param session the session key, which decides the side of a route's split; null takes the route without it
 * @example resolve(routes, { platform: "hub" }, { model: "fast" }).fields.model // "override"
 */
export function resolve(
  routes: CompiledRoutes,
  context: RoutingContext | null,
  override: Override | null,
  session: string | null = null,
): Resolution {
  return resolution(routes, findRule(routes, context), isGuest(context), override, session);
}

function resolution(
  routes: CompiledRoutes,
  found: Found | null,
  guest: boolean,
  override: Override | null,
  session: string | null,
): Resolution {
  const bottom = guest ? sharedOf(base(routes.base)) : base(routes.base);
  const routed = found === null ? bottom : ruled(routes, bottom, found.rule, session);
  const chosen = override === null ? routed : overridden(routes, bottom, routed, override);
  const { bundle, fields } = finish(guest ? sharedOf(chosen) : chosen);
  const ours = routes.base_fallbacks ?? [];
  return {
    bundle,
    fields,
    route: found?.ref ?? null,
    system_prompt: found?.rule.system_prompt ?? routes.system_prompt,
    fallbacks: found?.rule.fallbacks ?? (guest ? ours.map(sharedFallback) : ours),
    tell_fallback: found?.rule.tell_fallback ?? routes.base_tell_fallback ?? false,
  };
}

/** A fallback of the model block, as strangers and peers get it. */
const sharedFallback = (bundle: Bundle): Bundle => sharedOf(base(bundle)).bundle;

/**
 * Whether a message is from somebody for whom this gateway does not work: a stranger, a peer. One of which that is
 * not known counts, too; an operation of the gateway's own does not.
 */
const isGuest = (context: RoutingContext | null): boolean =>
  context !== null && context.source_kind !== "owner" && context.source_kind !== "cron";

/** A route over base; where it is split, the side that the session is on. */
function ruled(routes: CompiledRoutes, bottom: Layered, rule: Rule, session: string | null): Layered {
  const routed = over(bottom, rule.set, "route");
  const name = rule.split && session !== null ? shareOf(rule.split, session) : null;
  if (name === null) return routed;
  const entry = own(routes.models, name);
  // A side that is a bundle brings its endpoint whole; a mere model stays at the route's.
  return entry !== undefined && isBundle(entry)
    ? over(bottom, entry, "route")
    : over(routed, entry ?? { model: name }, "route");
}

/**
 * `resolve`, but a layer whose secrets are not set is left out: first the override, then the route. A route that
 * is left out is replaced by its own fallbacks whose secrets are set (`route` then still names it), and by base
 * behind them. Its system prompt stays: that belongs to the chat and not to the endpoint. If base lacks a secret
 * too, nothing can replace the route: it stays, and its call fails with what is missing.
 */
export function resolveUsable(
  routes: CompiledRoutes,
  context: RoutingContext | null,
  override: Override | null,
  env: Variables,
  session: string | null = null,
): UsableResolution {
  const full = resolve(routes, context, override, session);
  const missing = missingSecrets(full.bundle, env);
  if (missing.length === 0) return { ...full, skipped: [] };
  const routed = override === null ? full : resolve(routes, context, null, session);
  const routedMissing = missingSecrets(routed.bundle, env);
  const skipped: Skipped[] = Object.values(full.fields).includes("override")
    ? [{ layer: "override", route: null, missing }]
    : [];
  if (routedMissing.length === 0 || routed.route === null) return { ...routed, skipped };
  const withRoute = [...skipped, { layer: "route" as const, route: routed.route, missing: routedMissing }];
  const below = resolution(routes, null, isGuest(context), null, null);
  const { system_prompt, tell_fallback } = routed;
  const mine = findRule(routes, context)?.rule.fallbacks ?? [];
  const [bundle, ...rest] = mine.filter((fallback) => missingSecrets(fallback, env).length === 0);
  if (bundle === undefined) {
    const hopeless = missingSecrets(below.bundle, env).length > 0;
    return hopeless ? { ...routed, skipped } : { ...below, system_prompt, skipped: withRoute };
  }
  return {
    bundle,
    fields: Object.fromEntries(Object.keys(bundle).map((field) => [field, "route"])),
    route: routed.route,
    system_prompt,
    fallbacks: [...rest, below.bundle, ...below.fallbacks],
    tell_fallback,
    skipped: withRoute,
  };
}

/**
 * The override over what the route gives.
 * - An override with its own key is taken field by field.
 * - One that names a bundle of `models` takes that bundle over base; nothing of the route's endpoint stays.
 * - One that names a provider or a base_url takes the configured endpoint which these agree with, whole. If
 *   there is none it gets no key and no headers, because those at hand belong to other endpoints.
 * - One that only names a model keeps the route's endpoint.
 */
function overridden(routes: CompiledRoutes, bottom: Layered, routed: Layered, override: Override): Layered {
  const given = fieldsOf(override);
  if (given.api_key !== undefined) return over(routed, given, "override");
  const entry = given.model === undefined ? undefined : own(routes.models, given.model);
  if (entry !== undefined && isBundle(entry)) return over(bottom, entry, "override");
  const bundles = Object.values(routes.models)
    .filter(isBundle)
    .map((fields) => over(bottom, fields, "override"));
  if (entry === undefined) {
    const named = bundles.filter((some) => some.bundle.model === given.model && agrees(some, given));
    if (named.length === 1 && named[0] !== undefined) return named[0];
  }
  const set = { ...given, ...entry };
  const endpoint = [routed, bottom, ...bundles].find((some) => agrees(some, given));
  if (endpoint !== undefined) return over(endpoint, set, "override");
  const { bundle, fields } = withoutEndpoint(over(routed, set, "override"));
  return { bundle: { ...bundle, api_key: null }, fields: { ...fields, api_key: "override" } };
}

/** Whether a `models` entry is a bundle: it says where to go. */
function isBundle(entry: BundleFields): boolean {
  return ENDPOINT_FIELDS.some((field) => entry[field] !== undefined);
}

/** Whether an endpoint is the one that an override's provider and base_url, where given, name. */
function agrees(some: Layered, { provider, base_url }: BundleFields): boolean {
  const { bundle } = finish(some);
  return (
    (provider === undefined || provider === bundle.provider) &&
    (base_url === undefined || sameEndpoint(base_url, bundle.base_url))
  );
}

/** The override's fields that say something. A provider or mode that this gateway does not have says nothing. */
function fieldsOf(override: Override): BundleFields {
  const provider = findProvider(override.provider);
  const api_mode = API_MODES.find((name) => name === override.api_mode);
  return {
    ...(override.model && { model: override.model }),
    ...(provider && { provider }),
    ...(override.base_url && { base_url: override.base_url }),
    ...(override.api_key && { api_key: override.api_key }),
    ...(api_mode && { api_mode }),
  };
}
