import { COMMANDS } from "../../src/commands/all.ts";
import type { Command } from "../../src/commands/command.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { mayBegin, mayCompress, mayExport, mayForget } from "./features.ts";
import { listModule } from "./list-module.ts";
import { hasJobs, isScheduled } from "./parts.ts";

/** Commands that mean nothing with some routes files, and what makes them mean something; all others are always there. */
const NEEDS: { readonly [command: string]: (routes: Partial<CompiledRoutes>) => boolean } = {
  background: mayBegin,
  tasks: mayBegin,
  compress: mayCompress,
  forget: mayForget,
  export: mayExport,
  cron: hasJobs,
  remind: isScheduled,
  personality: ({ personalities }) => personalities !== undefined,
  memory: ({ memory }) => memory === true,
};

/** A file exports its command by its name, which JavaScript does not allow for these. */
const EXPORTED: { readonly [command: string]: string } = { new: "reset", export: "exportKept" };

/** The commands that a Worker with these routes has, in the order in which they are listed. */
export const commandsFor = (routes: Partial<CompiledRoutes>): readonly Command[] =>
  COMMANDS.filter(({ name }) => NEEDS[name]?.(routes) ?? true);

/** The module `#commands` of a Worker with these routes (src/commands/all.ts). */
export const commandsText = (routes: CompiledRoutes): string =>
  listModule(
    "COMMANDS",
    commandsFor(routes).map(({ name }) => ({
      file: `commands/${name}.ts`,
      exported: EXPORTED[name] ?? name,
    })),
  );
