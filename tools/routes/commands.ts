import { join } from "node:path";
import { COMMANDS } from "../../src/commands/all.ts";
import type { Command } from "../../src/commands/command.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { ROOT } from "../lib/wrangler.ts";

/** Commands that mean nothing with some routes files, and what makes them mean something; all others are always there. */
const NEEDS: { readonly [command: string]: (routes: Partial<CompiledRoutes>) => boolean } = {
  personality: ({ personalities }) => personalities !== undefined,
  memory: ({ memory }) => memory === true,
};

/** The commands that a Worker with these routes has, in the order in which they are listed. */
export const commandsFor = (routes: Partial<CompiledRoutes>): readonly Command[] =>
  COMMANDS.filter(({ name }) => NEEDS[name]?.(routes) ?? true);

/** The module `#commands` of a Worker with these routes (src/commands/all.ts). */
export function commandsText(routes: CompiledRoutes): string {
  const rows = commandsFor(routes).map(({ name }) => ({
    file: JSON.stringify(join(ROOT, "src/commands", `${name}.ts`)),
    // A file exports its command by its name; nothing can be called `new`.
    exported: name === "new" ? "reset" : name,
  }));
  return [
    "// Made from the routes file by `npm run compile`; changes here are lost.",
    ...rows.map(({ file, exported }) => `import { ${exported} } from ${file};`),
    `export const COMMANDS = [${rows.map(({ exported }) => exported).join(", ")}];\n`,
  ].join("\n");
}
