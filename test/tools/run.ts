import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** Runs a tool as its npm script does. */
export function run(
  tool: "check" | "compile" | "explain",
  args: readonly string[],
  { env = {}, input = "" }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { ROUTES_FILE: _, ROUTES_OUT: __, ...outer } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [`tools/${tool}.ts`, ...args], {
    cwd: ROOT,
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
