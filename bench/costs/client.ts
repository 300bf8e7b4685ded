import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SESSIONS, startTarget } from "../targets.ts";
import type { Workerd } from "../workerd.ts";
import type { Report, Run } from "./run.ts";

/** Nothing is to be asked outside the Worker: what is, is refused. */
const NOWHERE = "127.0.0.1:1";

/** The Worker of bench/costs. */
export interface Sessions {
  /** Rejects when the run does not come to its end. */
  run(run: Run): Promise<Report>;
  readonly cpuMs: Workerd["cpuMs"];
}

/** Starts the Worker of bench/costs, does `work` with it, and stops it. */
export async function withSessions<Value>(work: (sessions: Sessions) => Promise<Value>): Promise<Value> {
  const directory = await mkdtemp(join(tmpdir(), "talaria-costs-"));
  try {
    const workerd = await startTarget(SESSIONS, NOWHERE, directory);
    try {
      return await work({ run: (run) => post(workerd, run), cpuMs: workerd.cpuMs });
    } finally {
      await workerd.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function post(workerd: Workerd, run: Run): Promise<Report> {
  const response = await fetch(workerd.url, { method: "POST", body: JSON.stringify(run) });
  if (response.ok) return (await response.json()) as Report;
  throw new Error(`the run ended with ${response.status}:\n${(await workerd.output()).slice(-4_000)}`);
}
