import { join } from "node:path";
import { ROOT } from "../lib/wrangler.ts";

/** One entry of a list: what its file (below `src/`) exports. */
interface Entry {
  readonly file: string;
  readonly exported: string;
}

/** A module whose one export, of this name, is the list of these entries. */
export const listModule = (name: string, entries: readonly Entry[]): string =>
  [
    "// Made from the routes file by `npm run compile`; changes here are lost.",
    ...entries.map(
      ({ file, exported }) => `import { ${exported} } from ${JSON.stringify(join(ROOT, "src", file))};`,
    ),
    `export const ${name} = [${entries.map(({ exported }) => exported).join(", ")}];\n`,
  ].join("\n");
