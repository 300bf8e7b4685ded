import * as z from "zod";
import { parseJson } from "../../src/lib/json.ts";
import { fail, ok, type Result } from "../../src/lib/result.ts";
import { CONTEXT_KEYS, type ContextKey } from "../../src/routing/match-keys.ts";
import { API_MODES, findProvider, PROVIDER_NAMES } from "../../src/routing/providers.ts";
import type { Override, RoutingContext } from "../../src/routing/types.ts";
import { nearest } from "../../src/text/nearest.ts";
import { contradiction, possible } from "./asked.ts";
import { hint, quote } from "./issues.ts";

/** What explain is asked: the message's context, the session's override, and the session, for a split. */
export interface Question {
  readonly context: RoutingContext | null;
  readonly override: Override | null;
  readonly session?: string | undefined;
}

const OVERRIDE_KEYS = ["model", "provider", "base_url", "api_key", "api_mode"] as const;
/** What KV keeps beside an override, so that its value can be pasted here. */
const NOTES = ["set_by", "set_at"];

const NOT_JSON = "this is not JSON";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const record = z.record(z.string(), scalar);
const line = z.looseObject({ context: record.nullish(), override: record.nullish() });

/** `KEY=VALUE …` as a context; an empty value means that the key is not there. */
export function parseContext(words: readonly string[]): Result<RoutingContext, string> {
  const context: { [key: string]: string } = {};
  for (const word of words) {
    const [, key, value] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
    if (key === undefined || value === undefined) return fail(`${quote(word)} is not KEY=VALUE`);
    const known = contextKey(key);
    if (!known.ok) return known;
    if (Object.hasOwn(context, key)) return fail(`${key} is given twice: a message has one`);
    const there = value === "" ? ok(value) : possible(known.value, value);
    if (!there.ok) return there;
    context[key] = value;
  }
  const given = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== ""));
  const why = contradiction(given);
  return why === null ? ok(given) : fail(why);
}

/** One line of `--stdin`. */
export function parseLine(text: string): Result<Question, string> {
  const json = parseJson(text);
  if (json === undefined) return fail(NOT_JSON);
  const parsed = line.safeParse(json);
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join(".") || "the line";
    return fail(`${at} is not right: a line is {"context":{…}|null,"override":{…}|null} with plain values`);
  }
  const { context = null, override = null, ...rest } = parsed.data;
  const stray = Object.keys(rest)[0];
  if (stray !== undefined)
    return fail(`unknown key ${quote(stray)}${hint(nearest(stray, ["context", "override"]))}`);
  for (const [key, value] of Object.entries(context ?? {})) {
    const known = contextKey(key);
    if (!known.ok) return known;
    if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      return fail(`${key} is a number beyond 2^53, which JSON rounds to another one: write it in quotes`);
    }
  }
  const checked = checkOverride(override);
  return checked.ok ? ok({ context: texts(context), override: checked.value }) : checked;
}

/** `KEY=VALUE`, with commas between several: an override that no shell makes quotes necessary for. */
const PAIRS = /^\w+=[^,]*(,\w+=[^,]*)*$/;

/** The value of `--override`: JSON, or `KEY=VALUE,…`. */
export function parseOverride(text: string): Result<Override | null, string> {
  if (PAIRS.test(text)) {
    const pairs = text.split(",").map((pair) => [pair.replace(/=.*/s, ""), pair.replace(/^\w+=/, "")]);
    return checkOverride(Object.fromEntries(pairs));
  }
  const json = parseJson(text);
  if (json === undefined) return fail(NOT_JSON);
  const parsed = record.nullable().safeParse(json);
  return parsed.success
    ? checkOverride(parsed.data)
    : fail('an override is an object such as {"model":"fast"}, or null');
}

function checkOverride(override: z.infer<typeof record> | null): Result<Override | null, string> {
  const { provider, api_mode } = override ?? {};
  for (const key of Object.keys(override ?? {})) {
    if (OVERRIDE_KEYS.some((known) => known === key) || NOTES.includes(key)) continue;
    return fail(`unknown key ${quote(key)} of the override${hint(nearest(key, OVERRIDE_KEYS))}`);
  }
  if (provider && findProvider(provider) === undefined) {
    return fail(
      `unknown provider ${quote(String(provider))}${hint(nearest(String(provider), PROVIDER_NAMES))}`,
    );
  }
  if (api_mode && !API_MODES.some((known) => known === api_mode)) {
    return fail(`unknown api_mode ${quote(String(api_mode))}${hint(nearest(String(api_mode), API_MODES))}`);
  }
  return ok(texts(override));
}

function contextKey(key: string): Result<ContextKey, string> {
  const known = CONTEXT_KEYS.find((name) => name === key);
  return known ? ok(known) : fail(`unknown context key ${quote(key)}${hint(nearest(key, CONTEXT_KEYS))}`);
}

/** Values compare as texts. */
function texts(values: z.infer<typeof record> | null): { [key: string]: string | null } | null {
  if (values === null) return null;
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, value === null ? null : String(value)]),
  );
}
