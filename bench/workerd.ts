import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** Linux counts process times in hundredths of a second, on every architecture. */
const MS_PER_TICK = 10;

export interface WorkerSetup {
  /** The bundle; configuration, storage and log go beside it. */
  readonly file: string;
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  readonly variables: { readonly [name: string]: string };
  /** Binding → class of Durable Objects. */
  readonly objects: { readonly [binding: string]: string };
  readonly kv: readonly string[];
  /** `host:port` of an HTTP server that stands for KV: 404 is a key that does not exist. */
  readonly kv_address: string;
}

export interface Workerd {
  readonly url: string;
  /** CPU time of the process so far, user and system, in milliseconds; null where there is no /proc. */
  cpuMs(): number | null;
  /** What the Worker and the runtime wrote. */
  output(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts the bare runtime, without wrangler's proxies around it, so that its process time is the Worker's.
 * Durable Objects are kept on disk, as under `wrangler dev`.
 */
export async function startWorkerd(setup: WorkerSetup, extraArgs: readonly string[] = []): Promise<Workerd> {
  const directory = dirname(setup.file);
  const storage = join(directory, "storage");
  const config = join(directory, "config.capnp");
  const log = join(directory, "output.log");
  await mkdir(storage, { recursive: true });
  await writeFile(config, capnp(setup, storage));
  const output = await open(log, "w");
  const child = spawn(binary(), ["serve", "--experimental", "--control-fd=3", ...extraArgs, config], {
    stdio: ["ignore", output.fd, output.fd, "pipe"],
  });
  await output.close();
  const exited = once(child, "exit");
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const stop = async () => {
    process.off("exit", killAtExit);
    child.kill("SIGKILL");
    await exited;
  };
  const control = child.stdio[3];
  if (!(control instanceof Readable)) throw new Error("no control pipe");
  const port = await Promise.race([listeningPort(control), exited.then(() => null)]);
  if (port === null) throw new Error(`workerd did not start:\n${await readFile(log, "utf8")}`);
  return {
    url: `http://127.0.0.1:${port}`,
    cpuMs: () => cpuMs(child.pid),
    output: () => readFile(log, "utf8"),
    stop,
  };
}

/** workerd as wrangler brings it: the one that `npm start` runs. */
function binary(): string {
  const require = createRequire(createRequire(import.meta.url).resolve("wrangler/package.json"));
  return join(dirname(require.resolve("workerd/package.json")), "bin/workerd");
}

async function listeningPort(control: Readable): Promise<number | null> {
  for await (const line of createInterface({ input: control })) {
    const port = /"event":"listen".*"port":(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  return null;
}

function cpuMs(pid: number | undefined): number | null {
  if (process.platform !== "linux") return null;
  // The name, which stands in parentheses, may contain anything: count from behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

function capnp(setup: WorkerSetup, storage: string): string {
  const text = JSON.stringify;
  const classes = Object.values(setup.objects);
  const bindings = [
    ...Object.entries(setup.variables).map(
      ([name, value]) => `(name = ${text(name)}, text = ${text(value)})`,
    ),
    ...Object.entries(setup.objects).map(
      ([name, className]) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`,
    ),
    ...setup.kv.map((name) => `(name = ${text(name)}, kvNamespace = "kv")`),
  ];
  const namespaces = classes.map(
    (name) => `(className = ${text(name)}, uniqueKey = ${text(name)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "main.js", esModule = embed ${text(basename(setup.file))})],
      compatibilityDate = ${text(setup.compatibility_date)},
      compatibilityFlags = [${setup.compatibility_flags.map((flag) => text(flag)).join(", ")}],
      bindings = [${bindings.join(", ")}],
      durableObjectNamespaces = [${namespaces.join(", ")}],
      durableObjectStorage = ${classes.length > 0 ? `(localDisk = "storage")` : "(none = void)"},
    )),
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "kv", external = (address = ${text(setup.kv_address)}, http = ())),
    (name = "storage", disk = (path = ${text(storage)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}
