import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../tools/lib/wrangler.ts";

const run = promisify(execFile);

/** Runs wrangler to its end; rejects with what it wrote when it fails. */
export async function wrangler(...args: readonly string[]): Promise<void> {
  await run(process.execPath, [join(ROOT, "node_modules/wrangler/bin/wrangler.js"), ...args], {
    cwd: ROOT,
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_WRITE_LOGS: "false",
    },
  });
}

/** Bundles a Worker into `directory` as `wrangler deploy` would upload it; returns the bundle's file. */
export async function bundle(config: string, directory: string, ...args: readonly string[]): Promise<string> {
  await wrangler("deploy", "--dry-run", `--config=${config}`, `--outdir=${directory}`, ...args);
  const script = (await readdir(directory)).find((name) => name.endsWith(".js"));
  if (script === undefined) throw new Error(`wrangler made no bundle of ${config}`);
  return join(directory, script);
}
