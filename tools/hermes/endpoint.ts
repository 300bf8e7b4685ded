import { findProvider, providerFacts, sends } from "../../src/routing/providers.ts";
import { hermesProvider } from "../routes/hermes-providers.ts";
import type { Notes } from "./notes.ts";
import { type Block, block, type HermesSource, text } from "./source.ts";

/** The fields of a bundle, as a routes file writes them. */
export type Endpoint = Record<string, unknown>;

/** What stands for an address that a Hermes config does not say, because Hermes logs in there. */
const UNKNOWN_URL = "INFERENCE_BASE_URL";
const UNKNOWN_KEY = "INFERENCE_KEY";
const PLACE = /^\$\{(\w+)\}$/;
/** Hermes's order, where `provider: auto` leaves the choice to the keys that there are. */
const BY_KEY = ["openrouter", "anthropic", "openai"] as const;

/**
 * A block that names a model and perhaps an endpoint, in this gateway's words: provider, base_url and api_key
 * belong together, and a key is always the name of a secret.
 * @param isBase the model block always says where it goes; another block says it only where it differs
 */
export function endpointOf(written: Block, source: HermesSource, notes: Notes, isBase: boolean): Endpoint {
  const named = customProvider(written, source);
  const from: Block = {
    ...named,
    ...withoutEmpty(written),
    provider: named === undefined ? written.provider : "custom",
  };
  const model = text(from.model) ?? text(from.default);
  return {
    ...(model !== undefined && { model }),
    ...addressOf(from, source, notes, isBase),
    ...modeOf(from),
    ...carriedOf(from, notes),
  };
}

const withoutEmpty = (written: Block): Block =>
  Object.fromEntries(
    Object.entries(written).filter(
      ([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  );

/** The entry of `providers` or `custom_providers` that this block names. */
function customProvider(written: Block, { config }: HermesSource): Block | undefined {
  const name = text(written.provider)?.replace(/^custom:/, "");
  if (name === undefined || findProvider(name) !== undefined) return undefined;
  const listed = Array.isArray(config.custom_providers) ? config.custom_providers : [];
  const entries: Block[] = [block(block(config, "providers"), name), ...listed];
  const found = entries.find((entry, index) => entry.base_url && (index === 0 || text(entry.name) === name));
  if (found === undefined) return undefined;
  const { name: _, models: __, ...entry } = found;
  return withoutEmpty(entry);
}

function addressOf(from: Block, source: HermesSource, notes: Notes, isBase: boolean): Endpoint {
  const base_url = text(from.base_url);
  const written = text(from.provider);
  if (!isBase && stays(from, block(source.config, "model"))) return {};
  const name = written === undefined || written === "auto" ? guessOf(base_url, source) : written;
  const own = findProvider(name);
  if (own !== undefined && !sends(own)) return { provider: own };
  const facts = hermesProvider(name);
  const url = base_url ?? (own && providerFacts(own).base_url) ?? facts?.base_url ?? undefined;
  if (url === undefined) {
    notes.left(`provider ${name}`, "Hermes logs in there, or runs it; set its address and key as secrets");
    notes.secret(UNKNOWN_URL);
    notes.secret(UNKNOWN_KEY);
    return { provider: "custom", base_url: `\${${UNKNOWN_URL}}`, api_key: `\${${UNKNOWN_KEY}}` };
  }
  const usual = own !== undefined && own !== "custom" && url === providerFacts(own).base_url;
  return {
    provider: usual ? own : own === "anthropic" ? own : "custom",
    ...(!usual && { base_url: url }),
    ...keyOf(from, url, facts?.key ?? null, notes),
  };
}

/** Whether a block names no other endpoint than the model block, and no other key. */
function stays(from: Block, base: Block): boolean {
  const keys = ["api_key", "key_env", "api_key_env"];
  return (
    keys.every((key) => text(from[key]) === undefined) &&
    ["base_url", "provider"].every((key) => [undefined, text(base[key])].includes(text(from[key])))
  );
}

/** Which provider Hermes means where it is left open. */
function guessOf(base_url: string | undefined, { env }: HermesSource): string {
  const byUrl = BY_KEY.find((name) => base_url?.startsWith(providerFacts(name).base_url ?? "https:"));
  if (byUrl !== undefined) return byUrl;
  if (base_url !== undefined) return "custom";
  return BY_KEY.find((name) => env[hermesProvider(name)?.key ?? ""]) ?? "auto";
}

/** The secret that a block's key becomes; `usual` is its name where the block does not say one. */
export function keyOf(from: Block, url: string, usual: string | null, notes: Notes): Endpoint {
  const written = text(from.key_env) ?? text(from.api_key_env) ?? PLACE.exec(text(from.api_key) ?? "")?.[1];
  const literal = text(from.api_key) !== undefined && written === undefined;
  if (isLocal(url) && written === undefined && !literal) return {};
  const name = written ?? usual ?? nameOf(url);
  if (literal) notes.left("a literal api_key", `it would be bundled into the Worker; set it as ${name}`);
  notes.secret(name);
  return { api_key: `\${${name}}` };
}

const isLocal = (url: string): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(URL.parse(url)?.hostname ?? "");

/** A name for the secret of a host: `LLM_EXAMPLE_KEY` for `https://llm.example/v1`. */
function nameOf(url: string): string {
  const host = URL.parse(url)?.hostname ?? "inference";
  return `${host
    .replace(/^(www|api)\./, "")
    .replaceAll(/\W+/g, "_")
    .toUpperCase()}_KEY`;
}

function modeOf(from: Block): Endpoint {
  const mode = text(from.api_mode);
  if (mode === undefined) return {};
  return { api_mode: mode === "codex_responses" ? "responses" : mode };
}

/** What a block carries beside its address. */
function carriedOf(from: Block, notes: Notes): Endpoint {
  const headers = { ...block(from, "default_headers"), ...block(from, "extra_headers") };
  const timeout = Number(from.request_timeout_seconds);
  const context = Number(from.context_length);
  for (const [name, value] of Object.entries(headers)) {
    const place = PLACE.exec(String(value))?.[1];
    if (place !== undefined) notes.secret(place);
    else if (/key|token|secret|auth|cookie/i.test(name)) {
      const secret = name.replaceAll(/\W+/g, "_").toUpperCase();
      headers[name] = `\${${secret}}`;
      notes.left(`the literal header ${name}`, `it would be bundled into the Worker; set it as ${secret}`);
      notes.secret(secret);
    } else headers[name] = String(value);
  }
  const extra = block(from, "extra_body");
  return {
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Object.keys(extra).length > 0 && { extra_body: extra }),
    ...(Number.isInteger(context) && context > 0 && { context }),
    ...(from.supports_vision === false && { images: false }),
    ...(timeout > 0 && { timeouts: { total: Math.min(timeout, 3600) } }),
  };
}
