import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { findRoutesFile } from "../routes/load.ts";

const DEFAULT_PORT = 8787;
export const DEV_VARS = ".dev.vars";

export const START_USAGE = `usage: npm start -- [--port N] [--routes FILE] [--env-file FILE …] [--persist-to FOLDER] [--verbose]
  --port N              listens on this port (or PORT=N; default ${DEFAULT_PORT})
  --routes FILE         compiles this routes file (or ROUTES_FILE=FILE; default routes.local.yaml, else routes.yaml)
  --env-file FILE       reads secrets from this file; may be given again, later files win (default ${DEV_VARS})
  --persist-to FOLDER   keeps what is stored in this folder
  --verbose             shows every line of the gateway's log`;

export interface StartSettings {
  readonly port: number;
  readonly routesFile: string;
  /** Where storage is kept; null where no folder is named. */
  readonly persistTo: string | null;
  /** Whether every line of the gateway's log is shown. */
  readonly verbose: boolean;
  /** The files that wrangler reads secrets from, later ones winning. */
  readonly envFiles: readonly string[];
  /** What `.dev.vars` says, where that is what counts: other than in an env file, `$` has no meaning in it. */
  readonly devVars: Readonly<Record<string, string>>;
  /** Names of secrets and variables that have a value. */
  readonly names: ReadonlySet<string>;
}

/**
 * What `npm start` is asked for: its arguments, or `PORT` and `ROUTES_FILE`, and the secrets that wrangler will
 * find: those of `--env-file`; without that `.dev.vars`, or else `.env` and `.env.local`.
 * @returns null if it is asked for its usage
 * @throws Error with a few lines for a person.
 */
export function readSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): StartSettings | null {
  const given = readArguments(args);
  if (given.help) return null;
  const named = given["env-file"] ?? [];
  for (const file of named) {
    if (!existsSync(resolve(root, file))) throw new Error(`There is no file ${file} (--env-file).`);
  }
  const found = named.length > 0 ? named : defaultFiles(root);
  const files = found.map((file) => resolve(root, file));
  const values = files.map(readEnv);
  const fromDevVars = found[0] === DEV_VARS && named.length === 0;
  const set = Object.entries(Object.assign({}, ...values)).filter(([, value]) => value !== "");
  return {
    port: given.port === undefined ? readPort("PORT", env.PORT) : readPort("--port", given.port),
    routesFile: given.routes ?? findRoutesFile(env, root),
    persistTo: given["persist-to"] ?? null,
    verbose: given.verbose ?? false,
    envFiles: fromDevVars ? [] : files,
    devVars: fromDevVars ? (values[0] ?? {}) : {},
    names: new Set(set.map(([name]) => name)),
  };
}

function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        routes: { type: "string" },
        "env-file": { type: "string", multiple: true },
        "persist-to": { type: "string" },
        verbose: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${START_USAGE}`);
  }
}

export function readEnv(file: string): Record<string, string> {
  const found = Object.entries(parseEnv(readFileSync(file, "utf8")));
  return Object.fromEntries(found.map(([name, value]) => [name, value ?? ""]));
}

export function defaultFiles(root: string): string[] {
  const present = (file: string) => existsSync(resolve(root, file));
  return present(DEV_VARS) ? [DEV_VARS] : [".env", ".env.local"].filter(present);
}

export function readPort(name: string, given: string | undefined): number {
  if (!given) return DEFAULT_PORT;
  const port = Number(given);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`${name} is ${given}; it must be a number from 1 to 65535.`);
}
