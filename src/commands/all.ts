import { background } from "./background.ts";
import type { Command } from "./command.ts";
import { compress } from "./compress.ts";
import { cron } from "./cron.ts";
import { exportKept } from "./export.ts";
import { forget } from "./forget.ts";
import { help } from "./help.ts";
import { memory } from "./memory.ts";
import { model } from "./model.ts";
import { models } from "./models.ts";
import { reset } from "./new.ts";
import { parked } from "./parked.ts";
import { personality } from "./personality.ts";
import { reasoning } from "./reasoning.ts";
import { remind } from "./remind.ts";
import { retry } from "./retry.ts";
import { route } from "./route.ts";
import { sethome } from "./sethome.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { tasks } from "./tasks.ts";
import { thread } from "./thread.ts";
import { undo } from "./undo.ts";
import { usage } from "./usage.ts";
import { whoami } from "./whoami.ts";

/**
 * Every chat command, in the order in which `/help` lists them: `#commands` as tests, tools and the simulation have it.
 * In a Worker `#commands` is the module that `npm run compile` writes with the routes (tools/routes/commands.ts),
 * which leaves out those that nobody can use with them.
 */
export const COMMANDS: readonly Command[] = [
  model,
  models,
  reset,
  retry,
  undo,
  compress,
  reasoning,
  personality,
  background,
  tasks,
  memory,
  forget,
  exportKept,
  stop,
  status,
  usage,
  parked,
  route,
  whoami,
  sethome,
  remind,
  cron,
  thread,
  help,
  start,
];
