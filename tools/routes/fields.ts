import type { Carried, Timeouts } from "../../src/routing/bundle-fields.ts";
import { baseBundle } from "../../src/routing/layers.ts";
import { CONTEXT_KEYS, type ContextKey } from "../../src/routing/match-keys.ts";
import { findProvider } from "../../src/routing/providers.ts";
import type { Bundle, BundleFields, Price, Share, TelegramRules } from "../../src/routing/types.ts";
import type { Match } from "./build-index.ts";
import { type Endpoint, PLAIN_NAMES, type PlainName, TUNING } from "./endpoint-schema.ts";
import type { Action, MatchBlock, RoutesFile } from "./schema.ts";
import { isYesOrNo, type None } from "./schema-parts.ts";

/** The value, or undefined if it says nothing: null, an empty text or an empty list. */
export function some<Value>(value: Value | None | undefined): Value | undefined;
export function some(value: unknown): unknown {
  const says = value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
  return says ? value : undefined;
}

/** What a block sets, in the Worker's words; fields that say nothing are left out. */
export function fieldsOf(block: Endpoint): BundleFields {
  const model = some(block.model);
  const provider = some(block.provider);
  const api_mode = some(block.api_mode);
  const headers = some(block.headers);
  const params = paramsOf(block);
  const timeouts = timeoutsOf(block);
  return {
    ...(model !== undefined && { model: String(model) }),
    ...(provider !== undefined && { provider: findProvider(provider) ?? "custom" }),
    ...(block.base_url && typeof block.base_url === "string" && { base_url: block.base_url }),
    ...keyOf(block),
    ...(api_mode !== undefined && {
      api_mode: api_mode === "codex_responses" ? ("responses" as const) : api_mode,
    }),
    ...plainOf(block),
    ...(headers !== undefined && {
      // HTTP does not mind the case of a header's name, but merging two layers does.
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    }),
    ...(params && { params }),
    ...(timeouts && { timeouts }),
  };
}

/** The key's place: that of key_env before api_key, as in Hermes. */
function keyOf(block: Endpoint): Pick<BundleFields, "api_key"> {
  const named = some(block.key_env) ?? some(block.api_key_env);
  const api_key = named === undefined ? some(block.api_key) : `\${${named}}`;
  return api_key === undefined ? {} : { api_key };
}

function plainOf(block: Endpoint): Carried {
  const carried: { -readonly [Name in PlainName]?: Carried[Name] } = {};
  for (const name of PLAIN_NAMES) take(name, block, carried);
  return carried;
}

function take<Name extends PlainName>(
  name: Name,
  block: { readonly [Key in PlainName]?: Carried[Key] | None },
  carried: { -readonly [Key in PlainName]?: Carried[Key] },
): void {
  const value = some<Carried[Name]>(block[name]);
  if (value !== undefined) carried[name] = value;
}

function paramsOf(block: Endpoint): Bundle["params"] {
  const set = TUNING.flatMap((name) => {
    const value = some(block[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

function timeoutsOf(block: Endpoint): Timeouts | undefined {
  const written = some(block.timeouts);
  if (written === undefined) return undefined;
  const [first, idle, total] = [some(written.first_token), some(written.idle), some(written.total)];
  const timeouts: Timeouts = {
    ...(first !== undefined && { first_token_ms: first * 1000 }),
    ...(idle !== undefined && { idle_ms: idle * 1000 }),
    ...(total !== undefined && { total_ms: total * 1000 }),
  };
  return Object.keys(timeouts).length === 0 ? undefined : timeouts;
}

/** A route's split as a list, in the order written. */
export function splitOf({ split }: Pick<Action, "split">): Share[] | undefined {
  const shares = some(split);
  return shares && Object.entries(shares).map(([name, weight]) => ({ name, weight }));
}

/** Prices by model id; undefined if there are none. */
export function pricesOf({ prices }: Pick<RoutesFile, "prices">): { [model: string]: Price } | undefined {
  const entries = Object.entries(prices ?? {});
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([model, { input, output, cached: written }]) => {
      const cached = some(written);
      return [model, { input, output, ...(cached !== undefined && { cached }) }];
    }),
  );
}

/** How answers look on Telegram; undefined where they look as by default. */
export function telegramOf({ telegram }: Pick<RoutesFile, "telegram">): TelegramRules | undefined {
  const rules: TelegramRules = {
    ...(telegram?.live === "draft" && { draft: true }),
    ...(telegram?.rich && { rich: true }),
  };
  return Object.keys(rules).length === 0 ? undefined : rules;
}

const WHISPER = "@cf/openai/whisper-large-v3-turbo";

/** What turns voice into text; undefined where nothing does. Its model is empty if it names none. */
export function transcriptionOf({ transcription }: Pick<RoutesFile, "transcription">): Bundle | undefined {
  if (!transcription) return undefined;
  const set = fieldsOf(transcription);
  return baseBundle({ ...set, model: set.model ?? (set.provider === "workers-ai" ? WHISPER : "") });
}

/** A match as lists of texts. Values compare as Hermes's `str()` writes them; an empty value matches nothing. */
export function matchOf(block: MatchBlock): Match {
  const lists = CONTEXT_KEYS.flatMap((key) => {
    const written = block[key];
    if (written === undefined) return [];
    return [[key, (Array.isArray(written) ? written : [written]).flatMap((value) => textOf(key, value))]];
  });
  return Object.fromEntries(lists);
}

function textOf(key: ContextKey, value: string | number | boolean | null): string[] {
  if (value === null) return [];
  if (typeof value !== "boolean" || isYesOrNo(key)) return [String(value)];
  return [value ? "True" : "False"];
}
