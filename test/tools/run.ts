import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const EMPTY = mkdtempSync(join(tmpdir(), "talaria-empty-"));

interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** The folder in which it runs. */
  readonly cwd?: string;
}

/** Runs a tool as its npm script does; in an empty folder, so that no developer's routes file is found there. */
export function run(
  tool: "check" | "compile" | "explain" | "import",
  args: readonly string[],
  { env = {}, input = "", cwd = EMPTY }: Surroundings = {},
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { ROUTES_FILE: _, ROUTES_OUT: __, ...outer } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, `tools/${tool}.ts`), ...args], {
    cwd,
    env: { ...outer, ...env },
    input,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

/** A file of this text in a directory of its own. */
export function temporary(text: string, name = "routes.yaml"): string {
  const file = join(mkdtempSync(join(tmpdir(), "talaria-")), name);
  writeFileSync(file, text);
  return file;
}

export const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);
