import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endTree, type ProcessTree } from "./child.ts";
import { freePort } from "./serve.ts";
import { compileRoutes, setupFiles, writeConfig, writeSecrets } from "./setup.ts";
import { waitFor } from "./wait.ts";
import { type LogLine, readOutput } from "./worker-log.ts";
import { awaitHealth, startDev } from "./wrangler.ts";

export interface GatewayOptions {
  /** The routes file's text. */
  readonly routes: string;
  /** Secrets and variables of the Worker. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A gateway of its own, with its own routes, secrets and storage: several run from one checkout at once. */
export interface Gateway {
  readonly url: string;
  /** Where its Durable Objects and KV keep their files. */
  readonly storage: string;
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
  /** SIGKILL to the runtime and all its processes, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same storage and port, with these secrets instead if given. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** Compiles the routes, starts the Worker under `wrangler dev`, and resolves once it answers. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const directory = await mkdtemp(join(tmpdir(), "talaria-"));
  const storage = join(directory, "state");
  const files = setupFiles(directory);
  const routesFile = join(directory, "routes.yaml");
  await writeFile(routesFile, options.routes);
  const { ok, findings } = await compileRoutes(routesFile, files.routes);
  if (!ok) throw new Error(`the routes do not compile:\n${findings}`);
  await writeConfig(files);
  await writeSecrets(files.secrets, options.env ?? {});

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const output: string[] = [];
  const logs: LogLine[] = [];
  const onLine = (raw: string) => {
    output.push(raw);
    const read = readOutput(raw);
    if (read.kind === "log") logs.push(read.line);
  };
  const start = async (): Promise<ProcessTree> => {
    const tree = startDev({
      port,
      args: [`--config=${files.config}`, `--env-file=${files.secrets}`, `--persist-to=${storage}`],
      env: { WRANGLER_REGISTRY_PATH: join(directory, "registry") },
      onLine,
    });
    await awaitHealth(url, tree).catch(async (error: unknown) => {
      await endTree(tree, 0);
      throw new Error(`the gateway did not start: ${output.join("\n")}`, { cause: error });
    });
    return tree;
  };
  let tree = await start();

  const kill = async () => {
    tree.kill("SIGKILL");
    await tree.exited;
  };
  return {
    url,
    storage,
    output,
    logs,
    fetch: (path, init) => fetch(url + path, init),
    waitForLog: (what, matches, from = 0, timeoutMs) =>
      waitFor(what, () => logs.slice(from).find(matches), timeoutMs),
    async scheduled() {
      const response = await fetch(`${url}/cdn-cgi/handler/scheduled`);
      if (!response.ok) throw new Error(`the cron trigger answered ${response.status}`);
    },
    kill,
    async restart(env) {
      await kill();
      if (env !== undefined) await writeSecrets(files.secrets, env);
      tree = await start();
    },
    async stop() {
      await kill();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
