import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./wrangler.ts";

/** The files that one gateway runs from, apart from the sources. */
export interface SetupFiles {
  readonly config: string;
  /** The compiled routes. */
  readonly routes: string;
  /** The parts of the Worker that they need; compiled with them, beside them. */
  readonly parts: string;
  /** What their sessions can do beside; compiled with them, beside them. */
  readonly features: string;
  /** The commands that somebody can use with them; compiled with them, beside them. */
  readonly commands: string;
  /** The platforms on which somebody is answered; compiled with them, beside them. */
  readonly platforms: string;
  readonly secrets: string;
}

/** A Worker that has all parts, features, commands and platforms, whatever its routes. */
export const EVERY_PART = {
  parts: join(ROOT, "src/parts.ts"),
  features: join(ROOT, "src/sessions/features.ts"),
  commands: join(ROOT, "src/commands/all.ts"),
  platforms: join(ROOT, "src/platforms/all.ts"),
};

export function setupFiles(directory: string): SetupFiles {
  return {
    config: join(directory, "wrangler.toml"),
    routes: join(directory, "routes.js"),
    parts: join(directory, "parts.js"),
    features: join(directory, "features.js"),
    commands: join(directory, "commands.js"),
    platforms: join(directory, "platforms.js"),
    secrets: join(directory, "secrets.env"),
  };
}

export interface Compilation {
  readonly ok: boolean;
  /** What the compiler says, one finding a line; empty when it has nothing to say. */
  readonly findings: string;
}

/**
 * Compiles a routes file into a module and its parts beside it, with `tools/compile.ts`.
 * @param demo as the demo of `npm start` runs them (tools/routes/demo.ts)
 */
export async function compileRoutes(file: string, module: string, demo = false): Promise<Compilation> {
  const compiler = spawn(process.execPath, [join(ROOT, "tools/compile.ts"), ...(demo ? ["--demo"] : [])], {
    cwd: ROOT,
    env: { ...process.env, ROUTES_FILE: file, ROUTES_OUT: module },
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  let findings = "";
  for (const stream of [compiler.stdout, compiler.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      findings += text;
    });
  }
  const code = await new Promise((resolve) => compiler.once("close", resolve));
  return { ok: code === 0, findings: findings.trim() };
}

/**
 * Writes wrangler.toml anew for a gateway with its own routes and parts, and without the build step: several
 * gateways then run from one checkout. `wrangler dev --alias` does not override `[alias]` of the file
 * (wrangler 4.155.0). Wrangler looks for `.dev.vars` and `.env` beside the file, so it finds none.
 */
export async function writeConfig(files: SetupFiles): Promise<void> {
  await writeFile(files.config, configOf(await readFile(join(ROOT, "wrangler.toml"), "utf8"), files));
}

type Modules = Pick<SetupFiles, "routes" | "parts" | "features" | "commands" | "platforms">;

/** The text of that configuration, of `wrangler.toml` as it stands, with either line ending. */
export function configOf(shared: string, modules: Modules): string {
  const replace = (text: string, pattern: RegExp, replacement: string) => {
    if (!pattern.test(text)) throw new Error(`wrangler.toml has no ${pattern.source}`);
    return text.replace(pattern, () => replacement);
  };
  const main = `main = ${JSON.stringify(join(ROOT, "src/index.ts"))}`;
  const withMain = replace(shared.replaceAll("\r\n", "\n"), /^main = .*$/m, main);
  const aliases = Object.entries({
    "talaria-routes": modules.routes,
    "#parts": modules.parts,
    "#features": modules.features,
    "#commands": modules.commands,
    "#platforms": modules.platforms,
  });
  const withAliases = aliases.reduce(
    (text, [name, file]) =>
      replace(text, new RegExp(`^"${name}" = .*$`, "m"), `"${name}" = ${JSON.stringify(file)}`),
    withMain,
  );
  return replace(withAliases, /^\[build\]\n(?:[^[\n].*\n|\n)*/m, "");
}

/** Writes an `--env-file` that only this user can read. Values stay as they are: dotenv would expand `$`. */
export async function writeSecrets(file: string, env: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(env).map(
    ([name, value]) => `${name}=${quote(value.replaceAll("$", "\\$"))}\n`,
  );
  await writeFile(file, lines.join(""), { mode: 0o600 });
}

export function quote(value: string): string {
  const mark = ["'", "`", '"'].find((candidate) => !value.includes(candidate));
  return mark === undefined ? value : mark + value + mark;
}
