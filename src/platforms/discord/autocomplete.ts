import type { APIApplicationCommandAutocompleteResponse } from "discord-api-types/v10";
import { type Choice, mayRun } from "../../commands/command.ts";
import { findCommand } from "../../commands/index.ts";
import { admit, classify } from "../../routing/source.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import { CHOICE_CHARS, CHOICES } from "./limits.ts";
import type { Command } from "./schema.ts";
import { sourceOf } from "./source.ts";

/** What Discord offers while a command's argument is typed. Empty for a user who may not run the command. */
export function complete(
  command: Command,
  routes: CompiledRoutes,
): APIApplicationCommandAutocompleteResponse {
  const typed = String(command.data.options?.[0]?.value ?? "");
  const choices = choicesFor(command, typed, routes)
    .filter(({ value }) => value.length <= CHOICE_CHARS)
    .slice(0, CHOICES)
    .map(({ name, value }) => ({ name: name.slice(0, CHOICE_CHARS), value }));
  return { type: 8, data: { choices } };
}

function choicesFor(interaction: Command, typed: string, routes: CompiledRoutes): readonly Choice[] {
  const command = findCommand(interaction.data.name);
  const source = sourceOf(interaction);
  if (!command?.choices || !source) return [];
  const kind = classify(source, routes);
  const permitted = admit(source, kind, routes.access).ok && mayRun(command, kind, routes.access, source);
  return permitted ? command.choices(typed, routes) : [];
}
