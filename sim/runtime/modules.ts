import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Imports that only the Worker's build resolves, and the files of the simulation that stand for them. */
const STAND_INS: { readonly [specifier: string]: string } = {
  "cloudflare:workers": urlOf("sim/runtime/workers-module.ts"),
  "talaria-routes": urlOf("sim/routes.ts"),
  "#platforms": urlOf("sim/platforms.ts"),
};

/** The address of a file by its path below the repository's root. */
function urlOf(path: string): string {
  return pathToFileURL(join(import.meta.dirname, "../..", path)).href;
}

/** A change of one source file as it is loaded. */
export interface SourceChange {
  /** Below the repository's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * Lets Node load the Worker's own modules, changed where a mutant says so; the files stay as they are.
 * @throws Error when a module with a change is loaded that does not hold the text exactly once
 */
export function hookModules(changes: readonly SourceChange[]): void {
  const byUrl = Map.groupBy(changes, ({ file }) => urlOf(file));
  registerHooks({
    resolve(specifier, context, next) {
      const standIn = STAND_INS[specifier];
      return standIn ? { url: standIn, shortCircuit: true } : next(specifier, context);
    },
    load(url, context, next) {
      if (url.endsWith("package.json")) {
        // esbuild gives JSON's fields as named exports.
        const { version } = JSON.parse(readFileSync(fileURLToPath(url), "utf8"));
        const source = `export const version = ${JSON.stringify(version)};`;
        return { format: "module", source, shortCircuit: true };
      }
      const due = byUrl.get(url);
      if (due === undefined) return next(url, context);
      const source = due.reduce(changed, readFileSync(fileURLToPath(url), "utf8"));
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}

function changed(text: string, { file, find, replace }: SourceChange): string {
  if (text.split(find).length !== 2) throw new Error(`${file} does not hold this exactly once: ${find}`);
  return text.replace(find, () => replace);
}

/** Imports a module by its path below the repository's root. */
export const importFromRoot = (path: string): Promise<Record<string, unknown>> => import(urlOf(path));
