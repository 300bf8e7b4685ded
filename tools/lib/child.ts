import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

export type Signal = "SIGINT" | "SIGTERM" | "SIGKILL";

/** A program with all the processes it starts: wrangler starts workerd and esbuild. */
export interface ProcessTree {
  readonly pid: number;
  /** Resolves with the exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Whether it is still running. */
  running(): boolean;
  /** Signals every process of the tree. */
  kill(signal: Signal): void;
}

export interface TreeOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Each line of standard output and standard error, without its line end. */
  onLine(line: string): void;
}

/** Starts a Node program in a process group of its own; it is ended with this process at the latest. */
export function startTree(script: string, args: readonly string[], options: TreeOptions): ProcessTree {
  const settings: SpawnOptions = {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: one signal reaches the whole tree, and Ctrl-C reaches only this process.
    detached: process.platform !== "win32",
    windowsHide: true,
  };
  const child = spawn(process.execPath, [script, ...args], settings);
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start ${script}`);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", options.onLine);
  }
  const killAtExit = () => signalTree(pid, "SIGKILL");
  process.once("exit", killAtExit);
  const exited = exitOf(child).finally(() => process.off("exit", killAtExit));
  return {
    pid,
    exited,
    running: () => child.exitCode === null && child.signalCode === null,
    kill: (signal) => signalTree(pid, signal),
  };
}

/** Ends a tree: politely first, then for certain after `graceMs`. */
export async function endTree(tree: ProcessTree, graceMs = 3_000): Promise<void> {
  if (tree.running()) {
    tree.kill("SIGTERM");
    const timer = setTimeout(() => tree.kill("SIGKILL"), graceMs);
    await tree.exited;
    clearTimeout(timer);
  }
  // The leader may have left children behind.
  tree.kill("SIGKILL");
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
}

function signalTree(pid: number, signal: Signal): void {
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}
