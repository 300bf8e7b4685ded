import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endTree, type ProcessTree } from "./child.ts";
import { freePort } from "./serve.ts";
import { waitFor } from "./wait.ts";
import { type LogLine, readOutput } from "./worker-log.ts";
import { awaitHealth, ROOT, startDev } from "./wrangler.ts";

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
  const paths = {
    routes: join(directory, "routes.yaml"),
    compiled: join(directory, "routes.js"),
    config: join(directory, "wrangler.toml"),
    env: join(directory, "secrets.env"),
    storage: join(directory, "state"),
  };
  await writeFile(paths.routes, options.routes);
  await compileRoutes(paths.routes, paths.compiled);
  await writeFile(paths.config, await ownConfig(paths.compiled));
  await writeSecrets(paths.env, options.env ?? {});

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
      args: [`--config=${paths.config}`, `--env-file=${paths.env}`, `--persist-to=${paths.storage}`],
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
    storage: paths.storage,
    output,
    logs,
    fetch: (path, init) => fetch(url + path, init),
    waitForLog: (what, matches, from = 0, timeoutMs = undefined) =>
      waitFor(what, () => logs.slice(from).find(matches), timeoutMs),
    async scheduled() {
      const response = await fetch(`${url}/cdn-cgi/handler/scheduled`);
      if (!response.ok) throw new Error(`the cron trigger answered ${response.status}`);
    },
    kill,
    async restart(env) {
      await kill();
      if (env !== undefined) await writeSecrets(paths.env, env);
      tree = await start();
    },
    async stop() {
      await kill();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Compiles a routes file into a module; rejects with the compiler's findings. */
export async function compileRoutes(file: string, out: string): Promise<void> {
  const compiler = spawn(process.execPath, [join(ROOT, "tools/compile.ts")], {
    cwd: ROOT,
    env: { ...process.env, ROUTES_FILE: file, ROUTES_OUT: out },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let findings = "";
  for (const stream of [compiler.stdout, compiler.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      findings += text;
    });
  }
  const code = await new Promise((resolve) => compiler.once("close", resolve));
  if (code !== 0) throw new Error(`the routes do not compile:\n${findings}`);
}

/**
 * wrangler.toml, with the routes module of this gateway and without the build step that would write the shared
 * one. `wrangler dev --alias` does not override `[alias]` of the file (wrangler 4.155.0). `.dev.vars` and `.env`
 * are looked for beside the file, so that a developer's own secrets never reach a test.
 */
async function ownConfig(compiledRoutes: string): Promise<string> {
  const shared = await readFile(join(ROOT, "wrangler.toml"), "utf8");
  const replace = (text: string, pattern: RegExp, replacement: string) => {
    if (!pattern.test(text)) throw new Error(`wrangler.toml has no ${pattern.source}`);
    return text.replace(pattern, () => replacement);
  };
  const withMain = replace(shared, /^main = .*$/m, `main = ${JSON.stringify(join(ROOT, "src/index.ts"))}`);
  const withRoutes = replace(
    withMain,
    /^"talaria-routes" = .*$/m,
    `"talaria-routes" = ${JSON.stringify(compiledRoutes)}`,
  );
  return replace(withRoutes, /^\[build\]\n(?:[^[\n].*\n|\n)*/m, "");
}

/** `--env-file` text: dotenv expands `$`, and single quotes keep everything else as it is. */
async function writeSecrets(file: string, env: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value.replaceAll("$", "\\$")}'\n`);
  await writeFile(file, lines.join(""), { mode: 0o600 });
}
