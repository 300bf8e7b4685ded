import * as v from "valibot";
import { own } from "../lib/own.ts";
import type { Bundle, CompiledRoutes, Resolution } from "./types.ts";

/** How much a reasoning model thinks, from nothing to the most. An endpoint refuses what its model does not know. */
export const REASONING_LEVELS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

/** What is chosen in a chat beside its model. */
export const SessionSettings = v.object({
  reasoning: v.optional(v.picklist(REASONING_LEVELS)),
  /** A name of `personalities` in routes.yaml. */
  personality: v.optional(v.string()),
});
export type SessionSettings = Readonly<v.InferOutput<typeof SessionSettings>>;

/**
 * What is asked with these settings: the same bundles with this level of reasoning, and the personality's text
 * behind the system prompt. A personality that routes.yaml does not have any more says nothing. Pure.
 */
export function withSettings<Resolved extends Resolution>(
  resolved: Resolved,
  { reasoning, personality }: SessionSettings,
  { personalities = {} }: Pick<CompiledRoutes, "personalities">,
): Resolved {
  const text = personality === undefined ? undefined : own(personalities, personality);
  const prompts = [resolved.system_prompt, text].filter(Boolean);
  const system_prompt = text === undefined ? resolved.system_prompt : prompts.join("\n\n");
  if (reasoning === undefined) return { ...resolved, system_prompt };
  const thinking = (bundle: Bundle): Bundle => ({
    ...bundle,
    params: { ...bundle.params, reasoning_effort: reasoning },
  });
  return {
    ...resolved,
    bundle: thinking(resolved.bundle),
    fallbacks: resolved.fallbacks.map(thinking),
    fields: { ...resolved.fields, params: "override" },
    system_prompt,
  };
}
