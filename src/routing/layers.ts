import { withoutSlash } from "../lib/url.ts";
import { CARRIED, type Carried, type CarriedName, OF_ENDPOINT } from "./bundle-fields.ts";
import { type ApiMode, type ProviderName, providerFacts, sends } from "./providers.ts";
import type { Bundle, BundleField, BundleFields, CompiledRoutes, Layer } from "./types.ts";

/** A bundle, and which layer each of its fields came from. */
export interface Layered {
  readonly bundle: Bundle;
  readonly fields: { readonly [Field in CoreField]: Layer } & { readonly [Field in CarriedName]?: Layer };
}

type CoreField = Exclude<BundleField, CarriedName>;

type Writable<Fields> = { -readonly [Name in keyof Fields]: Fields[Name] };

/** A layer that carries nothing. */
const NOTHING: Carried = {};

/** The bundle of the model block: its own fields over its provider's preset. */
export function baseBundle(set: BundleFields & { readonly model: string }): Bundle {
  const provider = set.provider ?? "custom";
  return {
    ...set,
    provider,
    base_url: set.base_url ?? providerFacts(provider).base_url,
    api_key: set.api_key ?? null,
    api_mode: set.api_mode ?? modeOf(provider, "chat_completions"),
  };
}

/** The model block's bundle as the lowest layer: every field of it comes from base. */
export function base(bundle: Bundle): Layered {
  const fields: Writable<Layered["fields"]> = {
    model: "base",
    provider: "base",
    base_url: "base",
    api_key: "base",
    api_mode: "base",
  };
  for (const { name, over } of CARRIED) {
    if (over(bundle, NOTHING) !== undefined) fields[name] = "base";
  }
  return { bundle, fields };
}

/**
 * A layer's fields over a bundle, field by field. Two things are more than a copy:
 * - a layer that names another provider also brings that provider's base_url and api_mode, unless it sets them;
 * - what a bundle carries may belong to its endpoint or its model, and then follows to no other one.
 * The key does follow, as in Hermes; the routes check warns about it.
 */
export function over({ bundle: under, fields: from }: Layered, set: BundleFields, layer: Layer): Layered {
  const model = set.model ?? under.model;
  // A base_url is of use only to a provider that calls one: over workers-ai or echo it makes the provider custom.
  const provider =
    set.provider ?? (set.base_url !== undefined && !sends(under.provider) ? "custom" : under.provider);
  const preset = provider === under.provider ? null : providerFacts(provider);
  const base_url = set.base_url ?? preset?.base_url ?? under.base_url;
  const api_mode = set.api_mode ?? (preset === null ? under.api_mode : modeOf(provider, under.api_mode));
  const bundle: Writable<Bundle> = {
    model,
    provider,
    base_url,
    api_key: set.api_key ?? under.api_key,
    api_mode,
  };
  const by = (field: CoreField) =>
    set[field] === undefined && bundle[field] === under[field] ? from[field] : layer;
  const fields: Writable<Layered["fields"]> = {
    model: by("model"),
    provider: by("provider"),
    base_url: by("base_url"),
    api_key: by("api_key"),
    api_mode: by("api_mode"),
  };
  const ofEndpoint = sameEndpoint(base_url, under.base_url) ? under : NOTHING;
  const ofModel = model === under.model ? under : NOTHING;
  for (const row of CARRIED) {
    const kept = row.of === "endpoint" ? ofEndpoint : row.of === "model" ? ofModel : under;
    if (!carry(row, kept, set, bundle)) continue;
    fields[row.name] = set[row.name] === undefined ? (from[row.name] ?? layer) : layer;
  }
  return { bundle, fields };
}

/** Puts one carried field into a bundle; false where neither the layer nor what is under it has a value. */
function carry<Name extends CarriedName>(
  { name, over }: { readonly name: Name; readonly over: (under: Carried, set: Carried) => Carried[Name] },
  under: Carried,
  set: Carried,
  bundle: Writable<Carried>,
): boolean {
  const value = over(under, set);
  if (value !== undefined) bundle[name] = value;
  return value !== undefined;
}

/** The bundle that a rule's fields, or those of a `models` entry, make over base. */
export const ruleBundle = (routes: Pick<CompiledRoutes, "base">, set: BundleFields): Bundle =>
  finish(over(base(routes.base), set, "route")).bundle;

/** The bundle as it is used: a provider that calls no endpoint has no base_url, no key and no headers. */
export function finish(layered: Layered): Layered {
  if (sends(layered.bundle.provider)) return layered;
  const { bundle, fields } = withoutEndpoint(layered);
  const by = fields.provider ?? "base";
  return {
    bundle: { ...bundle, base_url: null, api_key: null },
    fields: { ...fields, base_url: by, api_key: by },
  };
}

/** Without what it carries for its endpoint, which may be credentials. */
export function withoutEndpoint(layered: Layered): Layered {
  const bundle: Writable<Bundle> = { ...layered.bundle };
  const fields: Writable<Layered["fields"]> = { ...layered.fields };
  for (const name of OF_ENDPOINT) {
    delete bundle[name];
    delete fields[name];
  }
  return { bundle, fields };
}

/**
 * Without what strangers and peers get only from a route of their own: what another layer than the route set of it.
 * Above all base's, which a route that says nothing of it would hand on.
 */
export function sharedOf(layered: Layered): Layered {
  const bundle: Writable<Bundle> = { ...layered.bundle };
  const fields: Writable<Layered["fields"]> = { ...layered.fields };
  for (const { name, shared } of CARRIED) {
    if (shared === undefined || fields[name] === undefined || fields[name] === "route") continue;
    delete bundle[name];
    if (!carry({ name, over: shared }, layered.bundle, NOTHING, bundle)) delete fields[name];
  }
  return { bundle, fields };
}

/**
 * Whether two base URLs name the same endpoint: whole URLs, because one host may serve several, each with its key.
 * @example sameEndpoint("https://llm.example/v1", "https://llm.example/v1/") // true
 */
export function sameEndpoint(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && withoutSlash(a) === withoutSlash(b));
}

/** A provider's api mode, over the one of the layer below. */
function modeOf(provider: ProviderName, inherited: ApiMode): ApiMode {
  const { api_modes } = providerFacts(provider);
  return api_modes.includes(inherited) ? inherited : api_modes[0];
}
