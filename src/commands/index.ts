import type { Command } from "./command.ts";
import { help } from "./help.ts";
import { model } from "./model.ts";
import { models } from "./models.ts";
import { reset } from "./new.ts";
import { personality } from "./personality.ts";
import { reasoning } from "./reasoning.ts";
import { retry } from "./retry.ts";
import { route } from "./route.ts";
import { sethome } from "./sethome.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { thread } from "./thread.ts";
import { undo } from "./undo.ts";
import { usage } from "./usage.ts";
import { whoami } from "./whoami.ts";

/** Every chat command, in the order in which `/help` lists them. */
export const COMMANDS: readonly Command[] = [
  model,
  models,
  reset,
  retry,
  undo,
  reasoning,
  personality,
  stop,
  status,
  usage,
  route,
  whoami,
  sethome,
  thread,
  help,
  start,
];

const byName = new Map(
  COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command])),
);

/** The command of this name or alias, in lower case; undefined if there is none. */
export function findCommand(name: string): Command | undefined {
  return byName.get(name);
}
