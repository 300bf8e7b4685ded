import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { placeNames } from "../../src/lib/template.ts";
import { PLATFORM_FACTS } from "../../src/message/platforms.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { readEnv } from "../lib/settings.ts";
import { quote } from "../lib/setup.ts";

export type Values = Readonly<Record<string, string>>;

/** Addresses of other API servers: of this machine's gateway, never of a deployed one. */
const ADDRESSES = ["TELEGRAM_API_BASE", "DISCORD_API_BASE"];

/** Secrets and variables of the platforms and the operator. */
export const KNOWN: readonly string[] = [
  ...Object.values(PLATFORM_FACTS).flatMap(({ secrets }): readonly string[] => secrets),
  "DISCORD_BOT_TOKEN",
  "HUB_WEBHOOK_TOKEN",
  ...ADDRESSES,
];

/** What the files say, later ones winning; what is empty is not set. */
export function readValues(files: readonly string[]): Values {
  const values = Object.assign({}, ...files.map(readEnv)) as Record<string, string>;
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

/** Names of the secrets that a routes file mentions. */
export function routesSecrets(compiled: CompiledRoutes | null): string[] {
  if (compiled === null) return [];
  const texts: string[] = [];
  JSON.stringify(compiled, (_, value: unknown) => {
    if (typeof value === "string") texts.push(value);
    return value;
  });
  return [...new Set(texts.flatMap((text) => placeNames(text)))];
}

/** Of the environment, what belongs to a gateway and stands in no file. */
export function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  values: Values,
  names: readonly string[],
): Values {
  const found = [...KNOWN, ...names].filter((name) => values[name] === undefined && env[name]);
  return Object.fromEntries(found.map((name) => [name, env[name] ?? ""]));
}

/** The secrets that nobody needs to think of: made where they are needed and not there. */
export function made(values: Values): Values {
  const random = () => randomBytes(32).toString("base64url");
  return {
    ...(values.TELEGRAM_BOT_TOKEN &&
      !values.TELEGRAM_WEBHOOK_SECRET && { TELEGRAM_WEBHOOK_SECRET: random() }),
    ...(!values.ADMIN_TOKEN && { ADMIN_TOKEN: random() }),
  };
}

/** What a deployed Worker gets: everything but addresses of other API servers. */
export const deployable = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(
    [...new Set([...KNOWN, ...names])]
      .filter((name) => !ADDRESSES.includes(name) && values[name] !== undefined)
      .map((name) => [name, values[name] ?? ""]),
  );

/**
 * The text of an env file with these values: a line that has the name is replaced, the others stand as they are.
 * @example withValues("# mine\nA=1\n", { A: "2", B: "3" }) // "# mine\nA=2\nB=3\n"
 */
export function withValues(text: string, values: Values): string {
  const rest = new Map(Object.entries(values));
  const lines = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
  const kept = lines.map((line) => {
    const name = /^\s*(?:export\s+)?([\w.-]+)\s*=/.exec(line)?.[1] ?? "";
    const value = rest.get(name);
    if (value === undefined) return line;
    rest.delete(name);
    return entry(name, value);
  });
  return `${[...kept, ...[...rest].map(([name, value]) => entry(name, value))].join("\n")}\n`;
}

const entry = (name: string, value: string): string =>
  `${name}=${/^[\w.:/@+=-]*$/.test(value) ? value : quote(value)}`;

/**
 * Writes values into an env file that only its owner can read.
 * @throws Error if git would take the file into the repository.
 */
export function writeValues(file: string, values: Values): void {
  if (wouldBeCommitted(file)) {
    throw new Error(
      `${file} is not ignored by git, so no secret is written to it: add it to .gitignore first.`,
    );
  }
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, withValues(text, values), { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}

/** Whether a file lies in a git repository that does not ignore it. */
function wouldBeCommitted(file: string): boolean {
  const ignored = spawnSync("git", ["check-ignore", "-q", basename(file)], {
    cwd: dirname(file),
    stdio: "ignore",
    windowsHide: true,
  });
  // 1: not ignored; 128: no repository here. Without git there is none to commit to.
  return ignored.status === 1;
}
