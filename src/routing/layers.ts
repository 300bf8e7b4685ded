import type {
  ApiMode,
  Bundle,
  BundleField,
  BundleFields,
  CompiledRoutes,
  Layer,
  ProviderName,
} from "./types.ts";

/** What follows from a provider's name. `sends` is false for providers that call no endpoint and need no key. */
interface Preset {
  readonly base_url: string | null;
  readonly sends: boolean;
}

const PRESETS: { readonly [Name in ProviderName]: Preset } = {
  custom: { base_url: null, sends: true },
  openai: { base_url: "https://api.openai.com/v1", sends: true },
  anthropic: { base_url: "https://api.anthropic.com/v1", sends: true },
  openrouter: { base_url: "https://openrouter.ai/api/v1", sends: true },
  "workers-ai": { base_url: null, sends: false },
  echo: { base_url: null, sends: false },
};

/** A bundle, and which layer each of its fields came from. */
export interface Layered {
  readonly bundle: Bundle;
  readonly fields: { readonly [Field in BundleField]?: Layer };
}

/** Whether a provider calls an endpoint over HTTP, so that a base_url and a key mean something to it. */
export const sends = (provider: ProviderName): boolean => PRESETS[provider].sends;

/** The bundle of the model block: its own fields over its provider's preset. */
export function baseBundle(set: BundleFields & { readonly model: string }): Bundle {
  const provider = set.provider ?? "custom";
  return {
    ...set,
    provider,
    base_url: set.base_url ?? PRESETS[provider].base_url,
    api_key: set.api_key ?? null,
    api_mode: set.api_mode ?? modeOf(provider, "chat_completions"),
  };
}

/** The model block's bundle as the lowest layer: every field of it comes from base. */
export function base(bundle: Bundle): Layered {
  return {
    bundle,
    fields: {
      model: "base",
      provider: "base",
      base_url: "base",
      api_key: "base",
      api_mode: "base",
      ...(bundle.headers && { headers: "base" }),
      ...(bundle.params && { params: "base" }),
      ...(bundle.timeouts && { timeouts: "base" }),
      ...(bundle.images !== undefined && { images: "base" }),
    },
  };
}

/**
 * A layer's fields over a bundle, field by field. Three things are more than a copy:
 * - a layer that names another provider also brings that provider's base_url and api_mode, unless it sets them;
 * - headers may carry credentials, so they never follow a layer to another endpoint;
 * - images says what a model can do, so it never follows a layer to another model.
 * The key does follow, as in Hermes; the routes check warns about it.
 */
export function over(below: Layered, set: BundleFields, layer: Layer): Layered {
  const under = below.bundle;
  const model = set.model ?? under.model;
  // A base_url is of use only to a provider that calls one: over workers-ai or echo it makes the provider custom.
  const provider =
    set.provider ?? (set.base_url !== undefined && !sends(under.provider) ? "custom" : under.provider);
  const preset = provider === under.provider ? null : PRESETS[provider];
  const base_url = set.base_url ?? preset?.base_url ?? under.base_url;
  const api_mode = set.api_mode ?? (preset === null ? under.api_mode : modeOf(provider, under.api_mode));
  const stays = sameEndpoint(base_url, under.base_url);
  const headers = merge(stays ? under.headers : undefined, set.headers);
  const params = merge(under.params, set.params);
  const timeouts = merge(under.timeouts, set.timeouts);
  const images = set.images ?? (model === under.model ? under.images : undefined);
  const fields = { ...below.fields };
  if (set.model !== undefined) fields.model = layer;
  if (provider !== under.provider || set.provider !== undefined) fields.provider = layer;
  if (base_url !== under.base_url || set.base_url !== undefined) fields.base_url = layer;
  if (set.api_key !== undefined) fields.api_key = layer;
  if (api_mode !== under.api_mode || set.api_mode !== undefined) fields.api_mode = layer;
  if (set.headers !== undefined) fields.headers = layer;
  else if (headers === undefined) delete fields.headers;
  if (set.params !== undefined) fields.params = layer;
  if (set.timeouts !== undefined) fields.timeouts = layer;
  if (set.images !== undefined) fields.images = layer;
  else if (images === undefined) delete fields.images;
  return {
    bundle: {
      model,
      provider,
      base_url,
      api_key: set.api_key ?? under.api_key,
      api_mode,
      ...(headers && { headers }),
      ...(params && { params }),
      ...(timeouts && { timeouts }),
      ...(images !== undefined && { images }),
    },
    fields,
  };
}

/** The bundle that a rule's fields, or those of a `models` entry, make over base. */
export const ruleBundle = (routes: Pick<CompiledRoutes, "base">, set: BundleFields): Bundle =>
  finish(over(base(routes.base), set, "route")).bundle;

/** The bundle as it is used: a provider that calls no endpoint has no base_url, no key and no headers. */
export function finish(layered: Layered): Layered {
  if (sends(layered.bundle.provider)) return layered;
  const { headers: _, ...bundle } = layered.bundle;
  const { headers: __, ...fields } = layered.fields;
  const by = fields.provider ?? "base";
  return {
    bundle: { ...bundle, base_url: null, api_key: null },
    fields: { ...fields, base_url: by, api_key: by },
  };
}

/** Whether two base URLs name the same endpoint. A whole URL, because one host may serve several, each with its key. */
export function sameEndpoint(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && trim(a) === trim(b));
}

const trim = (url: string): string => url.replace(/\/+$/, "");

/** Provider anthropic speaks anthropic_messages; any other keeps the mode below it, unless that is Anthropic's. */
function modeOf(provider: ProviderName, inherited: ApiMode): ApiMode {
  if (provider === "anthropic") return "anthropic_messages";
  return inherited === "anthropic_messages" ? "chat_completions" : inherited;
}

function merge<Fields extends object>(
  under: Fields | undefined,
  set: Fields | undefined,
): Fields | undefined {
  return under && set ? { ...under, ...set } : (set ?? under);
}
