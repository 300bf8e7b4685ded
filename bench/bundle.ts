import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../tools/lib/wrangler.ts";

const run = promisify(execFile);

/** Runs wrangler to its end; rejects with what it wrote when it fails. */
export async function wrangler(...args: readonly string[]): Promise<void> {
  const script = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  await run(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" },
  });
}

export interface Source {
  /** The Worker's entry. */
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  /** Modules that stand for others. */
  readonly alias?: { readonly [name: string]: string };
}

/** Bundles a Worker into `directory` as `wrangler deploy` would upload it; returns the bundle's file. */
export async function bundle(source: Source, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const config = join(directory, "wrangler.json");
  await writeFile(config, JSON.stringify({ name: "bench", ...source }));
  await wrangler("deploy", "--dry-run", `--config=${config}`, `--outdir=${directory}`);
  return join(directory, basename(source.main).replace(/\.ts$/, ".js"));
}
