import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { parseObject } from "../lib/json.ts";
import { QUIET, ROOT, WRANGLER } from "../lib/wrangler.ts";

/** What deploying asks of Cloudflare. */
export interface Cloudflare {
  /** Deploys; resolves with the Worker's addresses, null where it failed and has said why. */
  deploy(routesFile: string): Promise<readonly string[] | null>;
  /** Names of the secrets that the Worker has; null where they cannot be listed. */
  secrets(): Promise<readonly string[] | null>;
}

const deployed = z.object({ type: z.literal("deploy"), targets: z.array(z.string()).optional() });
const listed = z.array(z.object({ name: z.string() }));

/** Cloudflare by wrangler, which asks a person for what it needs to know. */
export const cloudflare = (script = WRANGLER): Cloudflare => ({
  async deploy(routesFile) {
    const folder = await mkdtemp(join(tmpdir(), "talaria-deploy-"));
    const record = join(folder, "deploy.ndjson");
    const { code } = await run(script, ["deploy"], "inherit", {
      ROUTES_FILE: routesFile,
      WRANGLER_OUTPUT_FILE_PATH: record,
    });
    // Wrangler writes what it did as one JSON object a line.
    const lines = code === 0 ? (await readFile(record, "utf8").catch(() => "")).split("\n") : [];
    await rm(folder, { recursive: true, force: true });
    if (code !== 0) return null;
    return lines.flatMap((line) => {
      const entry = deployed.safeParse(parseObject(line));
      return entry.success ? (entry.data.targets ?? []) : [];
    });
  },
  async secrets() {
    const { code, out } = await run(script, ["secret", "list", "--format=json"], "pipe", {});
    const start = out.indexOf("[");
    if (code !== 0 || start < 0) return null;
    const found = listed.safeParse(JSON.parse(out.slice(start)));
    return found.success ? found.data.map(({ name }) => name) : null;
  },
});

function run(
  script: string,
  args: readonly string[],
  output: "inherit" | "pipe",
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET, ...env },
    stdio: ["inherit", output, "inherit"],
    windowsHide: true,
  });
  let out = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out }));
  });
}
