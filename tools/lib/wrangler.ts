import { join } from "node:path";
import { type ProcessTree, startTree } from "./child.ts";
import { waitFor } from "./wait.ts";

/** The checkout that these tools belong to. */
export const ROOT = join(import.meta.dirname, "../..");

export const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
const START_TIMEOUT_MS = 60_000;

/** Wrangler neither phones home nor asks anything; none of it needs a network. */
export const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

export interface DevOptions {
  readonly port: number;
  /** Further arguments of `wrangler dev`. */
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  onLine(line: string): void;
}

/** Starts `wrangler dev` on 127.0.0.1. It serves once `awaitHealth()` resolves. */
export function startDev(options: DevOptions): ProcessTree {
  const fixed = [
    "dev",
    "--ip=127.0.0.1",
    `--port=${options.port}`,
    "--inspector-port=0",
    "--show-interactive-dev-session=false",
  ];
  return startTree(WRANGLER, [...fixed, ...options.args], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET, ...options.env },
    onLine: options.onLine,
  });
}

/** Resolves once the gateway at `url` answers `/health`; rejects when its process ends first. */
export async function awaitHealth(url: string, tree: ProcessTree): Promise<void> {
  await waitFor(
    "gateway that answers",
    async () => {
      if (!tree.running()) throw new Error("wrangler dev ended before the gateway answered");
      const response = await fetch(`${url}/health`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.ok;
    },
    START_TIMEOUT_MS,
  );
}
