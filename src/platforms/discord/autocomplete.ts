import type { APIApplicationCommandAutocompleteResponse } from "discord-api-types/v10";
import { admit, classify, mayRun } from "../../routing/source.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import { CHOICE_CHARS, CHOICES } from "./limits.ts";
import type { Command } from "./schema.ts";
import { sourceOf } from "./source.ts";

/**
 * What Discord offers while `/model` is typed: the short names of `models:` in their order, those whose
 * name or model contains what is typed. Empty for who may not change the model.
 */
export function modelChoices(
  command: Command,
  routes: CompiledRoutes,
): APIApplicationCommandAutocompleteResponse {
  const typed = String(command.data.options?.[0]?.value ?? "").toLowerCase();
  const offered = mayChoose(command, routes) ? Object.entries(routes.models) : [];
  const choices = offered
    .map(([name, bundle]) => ({ name: bundle.model ? `${name} — ${bundle.model}` : name, value: name }))
    .filter(({ name, value }) => value.length <= CHOICE_CHARS && name.toLowerCase().includes(typed))
    .slice(0, CHOICES)
    .map(({ name, value }) => ({ name: name.slice(0, CHOICE_CHARS), value }));
  return { type: 8, data: { choices } };
}

function mayChoose(command: Command, routes: CompiledRoutes): boolean {
  const source = sourceOf(command);
  if (!source) return false;
  const kind = classify(source, routes);
  return admit(source, kind, routes.access).ok && mayRun("model", kind, routes.access);
}
