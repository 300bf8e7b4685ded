import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { app } from "../../../src/http/app.ts";
import { connect } from "../../../tools/connect/connect.ts";
import type { Guide } from "../../../tools/connect/guide.ts";
import { readConnect } from "../../../tools/connect/options.ts";
import type { WorkerSecrets } from "../../../tools/connect/worker.ts";
import { type Cast, startCast } from "../../../tools/demo/cast.ts";
import { type LocalServer, serveApp } from "../../../tools/lib/serve.ts";
import { loadRoutes } from "../../../tools/routes/load.ts";

/** The real HTTP side of the gateway, without its sessions, with secrets that can be changed. */
export interface HttpGateway extends LocalServer {
  env: Readonly<Record<string, unknown>>;
  /** The hash of the routes that it says it runs; null for that of the shipped ones. */
  hash: string | null;
}

export async function startHttp(env: Readonly<Record<string, unknown>> = {}): Promise<HttpGateway> {
  const settings: Pick<HttpGateway, "env" | "hash"> = { env, hash: null };
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} };
  const bindings = {
    OVERRIDES: { get: async () => null },
    REGISTER: { getByName: () => ({ sweep: async () => {} }) },
  };
  const answer = (request: Request) =>
    app.fetch(request, { ...bindings, ...settings.env } as never, context as never);
  const front = new Hono();
  front.get("/health", async (c) => {
    const report: object = await (await answer(c.req.raw)).json();
    return c.json({ ...report, ...(settings.hash !== null && { routes: settings.hash }) });
  });
  front.all("*", (c) => answer(c.req.raw));
  const server = await serveApp(front);
  return Object.assign(settings, server);
}

/** A folder as a clone is without secrets, the platforms, and a place for the gateway. */
export interface Stage {
  readonly folder: string;
  readonly cast: Cast;
  readonly gateway: HttpGateway;
  /** The addresses of the doubles, and the tokens that a person has. */
  readonly tokens: Readonly<Record<string, string>>;
  write(file: string, text: string): void;
  read(file: string): string;
  /** Runs `npm run connect` with these arguments; gives what it says, and whether all went well. */
  run(args?: readonly string[], world?: Partial<RunWorld>): Promise<{ ok: boolean; out: string }>;
  /** Lets the gateway have what stands in `.dev.vars` and `routes.local.yaml`, as a restart would. */
  restart(): void;
  stop(): Promise<void>;
}

export interface RunWorld {
  readonly env: Readonly<Record<string, string>>;
  readonly worker: WorkerSecrets;
  readonly guide: Guide;
}

export const OWN_ROUTES = `# mine
model: { default: m, provider: echo }   # the demo's
owners: { telegram: ["42"], discord: ["7"] }
`;

export async function startStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "talaria-connect-"));
  const gateway = await startHttp();
  const cast = await startCast("http://127.0.0.1:1");
  const path = (file: string) => join(folder, file);
  const write = (file: string, text: string) => writeFileSync(path(file), text);
  const {
    TELEGRAM_WEBHOOK_SECRET: _,
    DISCORD_APPLICATION_ID: __,
    DISCORD_PUBLIC_KEY: ___,
    ...tokens
  } = cast.env;
  write("routes.yaml", "model: { default: echo-demo, provider: echo }\nowners: { telegram: ['42'] }\n");
  const read = (file: string) => readFileSync(path(file), "utf8");
  return {
    folder,
    cast,
    gateway,
    tokens,
    write,
    read,
    async run(args = [], { env = {}, worker = noWorker, guide } = {}) {
      const lines: string[] = [];
      const options = readConnect(["--url", gateway.url, ...args], env, folder);
      if (options === null) throw new Error("asked for its usage");
      const say = (line: string) => void lines.push(line);
      const ok = await connect(options, { root: folder, env, worker, guide: guide ?? null, say });
      return { ok, out: lines.join("\n") };
    },
    restart() {
      const lines = read(".dev.vars").trim().split("\n");
      gateway.hash = loadRoutes(path("routes.local.yaml")).compiled?.hash ?? null;
      gateway.env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2)));
    },
    async stop() {
      await Promise.all([cast.stop(), gateway.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** No account is there. */
const noWorker: WorkerSecrets = {
  names: () => Promise.reject(new Error("wrangler secret list: you are not logged in")),
  set: () => Promise.reject(new Error("wrangler secret bulk: you are not logged in")),
};

/** The lines of an env file. */
export const envLines = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
