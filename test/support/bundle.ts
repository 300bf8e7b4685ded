import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { QUIET, ROOT, WRANGLER } from "../../tools/lib/wrangler.ts";

const run = promisify(execFile);

/** Runs wrangler to its end, with the shipped routes; rejects with what it wrote when it fails. */
export async function wrangler(...args: readonly string[]): Promise<void> {
  const env = { ...process.env, ...QUIET, ROUTES_FILE: "routes.yaml" };
  await run(process.execPath, [WRANGLER, ...args], { cwd: ROOT, env });
}

/** Bundles a Worker into `directory` as `wrangler deploy` would upload it; returns the bundle's file. */
export async function bundle(config: string, directory: string, ...args: readonly string[]): Promise<string> {
  await wrangler("deploy", "--dry-run", `--config=${config}`, `--outdir=${directory}`, ...args);
  const script = (await readdir(directory)).find((name) => name.endsWith(".js"));
  if (script === undefined) throw new Error(`wrangler made no bundle of ${config}`);
  return join(directory, script);
}
