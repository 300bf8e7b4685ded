import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";

const DEFAULT_PORT = 8787;
const DEV_VARS = ".dev.vars";

export interface StartSettings {
  readonly port: number;
  readonly routesFile: string;
  /** Arguments for `wrangler dev`, without `--env-file`. */
  readonly args: readonly string[];
  /** The files that wrangler reads secrets from, later ones winning. */
  readonly envFiles: readonly string[];
  /** What `.dev.vars` says, where that is what counts: other than in an env file, `$` has no meaning in it. */
  readonly devVars: Readonly<Record<string, string>>;
  /** Names of secrets and variables that have a value. */
  readonly names: ReadonlySet<string>;
}

/**
 * What `npm start` is asked for: its arguments, `PORT` and `ROUTES_FILE`, and the secrets that wrangler will
 * find: those of `--env-file`; without that `.dev.vars`, or else `.env` and `.env.local`; and `--var`.
 * @throws Error with one line for a person.
 */
export function readSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): StartSettings {
  const { kept, envFiles: given, vars } = splitArguments(args);
  for (const file of given) {
    if (!existsSync(resolve(root, file))) throw new Error(`There is no file ${file} (--env-file).`);
  }
  const found = given.length > 0 ? given : defaultFiles(root);
  const files = found.map((file) => resolve(root, file));
  const values = files.map(readEnv);
  const fromDevVars = found[0] === DEV_VARS && given.length === 0;
  const set = Object.entries(Object.assign({}, vars, ...values)).filter(([, value]) => value !== "");
  return {
    port: readPort(env.PORT),
    routesFile: env.ROUTES_FILE || "routes.yaml",
    args: kept,
    envFiles: fromDevVars ? [] : files,
    devVars: fromDevVars ? (values[0] ?? {}) : {},
    names: new Set(set.map(([name]) => name)),
  };
}

function readEnv(file: string): Record<string, string> {
  const found = Object.entries(parseEnv(readFileSync(file, "utf8")));
  return Object.fromEntries(found.map(([name, value]) => [name, value ?? ""]));
}

function defaultFiles(root: string): string[] {
  const present = (file: string) => existsSync(resolve(root, file));
  return present(DEV_VARS) ? [DEV_VARS] : [".env", ".env.local"].filter(present);
}

function readPort(given: string | undefined): number {
  if (!given) return DEFAULT_PORT;
  const port = Number(given);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`PORT is ${given}; it must be a number from 1 to 65535.`);
}

interface SplitArguments {
  readonly kept: string[];
  readonly envFiles: string[];
  readonly vars: Record<string, string>;
}

/** Both options take several values, as in `--env-file A B --var X:1 Y:2`, and `--option=value`. */
function splitArguments(args: readonly string[]): SplitArguments {
  const split: SplitArguments = { kept: [], envFiles: [], vars: {} };
  let option = "";
  for (const arg of args) {
    const start = /^(--[^=]+)(?:=(.*))?$/.exec(arg);
    if (start) option = start[1] ?? "";
    const value = start ? start[2] : arg;
    if (option === "--env-file") {
      if (value !== undefined) split.envFiles.push(value);
      continue;
    }
    split.kept.push(arg);
    const pair = option === "--var" ? /^([^:]+):([\s\S]*)$/.exec(value ?? "") : null;
    if (pair?.[1] !== undefined) split.vars[pair[1]] = pair[2] ?? "";
  }
  return split;
}
