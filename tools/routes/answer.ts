import { isPlace } from "../../src/lib/template.ts";
import { resolve } from "../../src/routing/resolve.ts";
import type { Bundle, CompiledRoutes, Resolution } from "../../src/routing/types.ts";
import type { Question } from "./question.ts";

/** What `explain --json` prints: no key's value, only the name of its secret. */
export interface Answer extends Pick<Bundle, "model" | "provider" | "base_url" | "api_key" | "api_mode"> {
  readonly route: Resolution["route"];
  readonly fields: Resolution["fields"];
}

export function answer(routes: CompiledRoutes, { context, override, session }: Question): Answer {
  const { bundle, route, fields } = resolve(routes, context, override, session);
  const { model, provider, base_url, api_key, api_mode } = bundle;
  return { model, provider, base_url, api_key: maskKey(api_key), api_mode, route, fields };
}

/** `${NAME}` as it is; anything else may be a key itself. */
export function maskKey(key: string | null): string | null {
  return key === null || isPlace(key) ? key : "(literal)";
}
