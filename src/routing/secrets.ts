import { type Variables, variable } from "../env.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { fillPlaces, placeNames } from "../lib/template.ts";
import { sends } from "./providers.ts";
import type { Bundle } from "./types.ts";

/**
 * The text with every `${NAME}` replaced by that secret; fails with the names that are not set.
 * @example interpolate("Bearer ${KEY}", { KEY: "sk-1" }) // { ok: true, value: "Bearer sk-1" }
 */
export function interpolate(text: string, env: Variables): Result<string, { readonly missing: string[] }> {
  if (!text.includes("${")) return ok(text);
  const missing = unset(text, env);
  if (missing.length > 0) return fail({ missing });
  return ok(fillPlaces(text, (name) => variable(env, name) ?? ""));
}

/** The secrets that a call of this bundle needs and that are not set, by name. */
export function missingSecrets(bundle: Bundle, env: Variables): string[] {
  if (!sends(bundle.provider)) return [];
  const { api_key, base_url, headers = {}, extra_body = {} } = bundle;
  // As JSON, because its texts may stand anywhere in it; a place for a secret looks the same there.
  const texts = [api_key, base_url, ...Object.values(headers), JSON.stringify(extra_body)];
  return [...new Set(texts.flatMap((text) => (text === null ? [] : unset(text, env))))];
}

const unset = (text: string, env: Variables): string[] =>
  placeNames(text).filter((name) => variable(env, name) === undefined);
