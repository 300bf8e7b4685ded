import { COMMANDS } from "#commands";
import type { Command } from "./command.ts";

export { COMMANDS };

const byName = new Map(
  COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command])),
);

/** The command of this name or alias, in lower case; undefined if there is none. */
export function findCommand(name: string): Command | undefined {
  return byName.get(name);
}
