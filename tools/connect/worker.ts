import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import { QUIET, ROOT, WRANGLER } from "../lib/wrangler.ts";
import type { Values } from "./secrets.ts";

/** The secrets of a deployed Worker. Both throw an Error that says what wrangler said. */
export interface WorkerSecrets {
  /** Names of those that are set; values cannot be read. */
  names(): Promise<ReadonlySet<string>>;
  set(values: Values): Promise<void>;
}

const Listed = z.array(z.object({ name: z.string() }));

/** The Worker of wrangler.toml, through wrangler, in the account that it is logged in to. */
export const wranglerSecrets: WorkerSecrets = {
  async names() {
    const text = await wrangler(["secret", "list", "--format=json"]);
    const list = Listed.parse(JSON.parse(text.slice(text.indexOf("["))));
    return new Set(list.map(({ name }) => name));
  },
  async set(values) {
    await wrangler(["secret", "bulk"], JSON.stringify(values));
  },
};

/** Runs wrangler in the checkout; values go through its standard input, where no list of processes shows them. */
async function wrangler(args: readonly string[], input = ""): Promise<string> {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET, CI: "1" },
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return said.out;
  const lines = stripVTControlCharacters(`${said.err}\n${said.out}`)
    .split("\n")
    .map((line) => line.replace(/^\W*\[ERROR\]/, "").trim());
  const why = lines.find((line) => line !== "") ?? `it ended with ${code}`;
  throw new Error(`wrangler ${args[0]} ${args[1]}: ${why}`);
}
