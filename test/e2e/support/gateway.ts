import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from "miniflare";
import { inject } from "vitest";
import { waitFor } from "../../../tools/lib/wait.ts";
import { type LogLine, readOutput } from "../../../tools/lib/worker-log.ts";
import { formatFinding } from "../../../tools/routes/findings.ts";
import { loadText } from "../../../tools/routes/load.ts";
import type { Worker } from "./worker.ts";

export interface GatewayOptions {
  /** The routes file's text. */
  readonly routes: string;
  /** Secrets and variables of the Worker. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of wrangler.toml's date, and of the bundle. */
  readonly runtime?: { readonly compatibilityDate: string; readonly modules: Modules };
}

type Modules = { type: "ESModule"; path: string; contents?: string }[];

/** A gateway of its own, with its own routes, secrets and storage. */
export interface Gateway {
  readonly url: string;
  /** Every line that it wrote, as written. */
  readonly output: readonly string[];
  /** The Worker's structured log lines. */
  readonly logs: readonly LogLine[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The first log line, from line `from` on, that satisfies `matches`. */
  waitForLog(
    what: string,
    matches: (line: LogLine) => boolean,
    from?: number,
    timeoutMs?: number,
  ): Promise<LogLine>;
  /** Runs the cron trigger once. */
  scheduled(): Promise<void>;
  /** What KV holds: key → value. */
  overrides(): Promise<Record<string, unknown>>;
  /** The ids of the Durable Objects that have storage. */
  storedObjects(): Promise<string[]>;
  /** Runs SQL in the storage of a session, by its key; returns the rows. */
  sql(session: string, query: string): Promise<Record<string, unknown>[]>;
  /** SIGKILL to the runtime, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same storage and port, with these secrets instead if given. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/**
 * Compiles the routes, starts the Worker in workerd, and resolves once it answers. Miniflare does that in a
 * fifth of a second, `wrangler dev` in two; wrangler's test harness sends the Worker's own requests through
 * Node's fetch, which hides redirects, broken connections and requests that are given up.
 * @param worker what it is made of; the default is the test run's, outside of vitest there is none
 */
export async function startGateway(
  options: GatewayOptions,
  worker: Worker = inject("worker"),
): Promise<Gateway> {
  const { compiled, findings } = loadText(options.routes, "routes.yaml");
  if (compiled === null) throw new Error(findings.map(formatFinding).join("\n"));
  const storage = await mkdtemp(join(tmpdir(), "talaria-"));
  // The runtime chooses one at its first start, so that nothing else can take it meanwhile.
  let port = 0;
  const output: string[] = [];
  const logs: LogLine[] = [];
  const start = async (env: Readonly<Record<string, string>> = {}) => {
    const settings = {
      ...worker.options,
      name: "talaria",
      modules: [{ type: "ESModule", path: worker.script }] as Modules,
      bindings: { ...env, ROUTES: JSON.stringify(compiled) },
      host: "127.0.0.1",
      port,
      resourcePersistencePath: storage,
      unsafeTriggerHandlers: true,
      unsafeInspectDurableObjects: true,
      handleStructuredLogs({ message }) {
        output.push(message);
        const read = readOutput(message);
        if (read.kind === "log") logs.push(read.line);
      },
      ...options.runtime,
    } satisfies V4MiniflareOptions;
    const runtime = new Miniflare(convertV4MiniflareOptions(settings));
    port = Number((await runtime.ready).port);
    return runtime;
  };
  let env = options.env;
  let runtime = await start(env);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    output,
    logs,
    fetch: (path, init) => fetch(url + path, init),
    waitForLog: (what, matches, from = 0, timeoutMs) =>
      waitFor(what, () => logs.slice(from).find(matches), timeoutMs),
    async scheduled() {
      const response = await fetch(`${url}/cdn-cgi/local/scheduled`);
      if (!response.ok) throw new Error(`the cron trigger answered ${response.status}`);
    },
    async overrides() {
      const kv = await runtime.getKVNamespace("OVERRIDES");
      const names = (await kv.list()).keys.map(({ name }) => name);
      return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await kv.get(name)])));
    },
    async storedObjects() {
      const classes = ["Session", "HubInbox"].map((name) => runtime.listDurableObjectIds(name));
      return (await Promise.all(classes)).flat();
    },
    async sql(session, query) {
      const object = await runtime.unsafeGetDurableObjectStorage("talaria", "Session", { name: session });
      return object.exec(query);
    },
    kill: () => runtime.dispose(),
    async restart(changed = env) {
      await runtime.dispose();
      env = changed;
      runtime = await start(env);
    },
    async stop() {
      await runtime.dispose();
      await rm(storage, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
