import { watch } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { CompiledRoutes } from "../src/routing/types.ts";
import { startCast } from "./demo/cast.ts";
import { playAgain, playMessages, speak } from "./demo/messages.ts";
import { describeCast, describeLog, dim, isTold, red, sayReady } from "./demo/show.ts";
import type { Stage } from "./demo/speak.ts";
import { hasChat } from "./lib/chats.ts";
import { endTree, type ProcessTree } from "./lib/child.ts";
import { makeDemoToken } from "./lib/demo-token.ts";
import { portTaken } from "./lib/serve.ts";
import { readSettings, START_USAGE, type StartSettings } from "./lib/settings.ts";
import { compileRoutes, type SetupFiles, setupFiles, writeConfig, writeSecrets } from "./lib/setup.ts";
import { holdStorage } from "./lib/storage-lock.ts";
import { type LogLine, readOutput } from "./lib/worker-log.ts";
import { awaitHealth, ROOT, startDev } from "./lib/wrangler.ts";
import { loadRoutes } from "./routes/load.ts";

const CRON_MS = 60_000;
const PARENT_CHECK_MS = 250;
/** An editor may write a file in several steps. */
const SAVED_AFTER_MS = 100;
/** Lines of wrangler that are shown when it fails. */
const LAST_LINES = 40;

const say = (text = "") => console.log(text);

// From the very start: a signal must never leave a runtime behind.
const stopped = signalled();
const directory = await mkdtemp(join(tmpdir(), "talaria-start-"));
try {
  const settings = readSettings(process.argv.slice(2), process.env, ROOT);
  if (settings === null) say(START_USAGE);
  else await start(settings);
} catch (error) {
  console.error(red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.exit();

/** `npm start`: the gateway on this machine, until Ctrl-C. */
async function start(settings: StartSettings): Promise<void> {
  const { port, routesFile, names } = settings;
  if (await portTaken(port)) {
    throw new Error(
      `Port ${port} is in use. Stop what runs there, or choose another: npm start -- --port ${port + 1}`,
    );
  }
  const files = setupFiles(directory);
  const demo = !hasChat((name) => names.has(name));
  const { ok, findings } = await compileRoutes(routesFile, files.routes, demo);
  if (!ok) throw new Error(findings);
  if (findings !== "") say(findings);

  const url = `http://127.0.0.1:${port}`;
  const storage = storageOf(settings, demo);
  const release = holdStorage(storage, url);
  const cast = demo ? await startCast(url) : null;
  await writeConfig(files);
  // Only the demo gets a token that nobody has set: what is deployed, or shown to real platforms, has its owner's.
  const own = demo && !names.has("ADMIN_TOKEN") ? { ADMIN_TOKEN: makeDemoToken() } : {};
  await writeSecrets(files.secrets, { ...settings.devVars, ...cast?.env, ...own });

  const logs: LogLine[] = [];
  const last: string[] = [];
  let live = false;
  const tree = startDev({
    port,
    args: wranglerArguments(settings, files, storage),
    env: { WRANGLER_REGISTRY_PATH: join(directory, "registry") },
    onLine(raw) {
      const read = readOutput(raw);
      if (read.kind === "chatter") return;
      if (read.kind === "log") logs.push(read.line);
      else if (last.push(read.text) > LAST_LINES) last.shift();
      if (live) sayOutput(read, settings.verbose);
    },
  });
  const serve = async (): Promise<never> => {
    say(dim(`Starting the gateway with ${routesFile} …`));
    await awaitHealth(url, tree);
    const stage: Stage | null = cast && { url, logs, cast, routes: files.routes, say };
    if (stage) {
      say("\nNo platform is set up yet, so Telegram, Discord and Hub are played by doubles on this machine.");
      for (const line of describeCast(compiledOf(routesFile))) say(line);
      say("Five messages go through the gateway, as the platforms would send them:");
      await playMessages(stage);
    }
    sayReady({ url, routesFile, names, routes: compiledOf(routesFile), demo, say });
    live = true;
    /** What the demo says of its messages tells more than their lines in the log. */
    const quietly = async (work: Promise<void>) => {
      live = false;
      await work.catch((error: unknown) => say(red(String(error))));
      live = true;
    };
    watchRoutes(routesFile, files.routes, demo, () => (stage ? quietly(playAgain(stage)) : undefined));
    if (stage) readTyped((line) => quietly(speak(stage, line)));
    // Wrangler runs no cron triggers locally.
    setInterval(() => fetch(`${url}/cdn-cgi/handler/scheduled`).catch(() => {}), CRON_MS);
    return new Promise(() => {});
  };
  try {
    await Promise.race([serve(), endOf(tree), stopped]);
  } catch (error) {
    say(last.join("\n"));
    throw error;
  } finally {
    live = false;
    await endTree(tree);
    await cast?.stop();
    release();
  }
}

/** The routes as they are written. */
function compiledOf(routesFile: string): CompiledRoutes {
  const { compiled } = loadRoutes(resolve(ROOT, routesFile));
  if (compiled === null) throw new Error(`${routesFile} changed while the gateway started; start it again.`);
  return compiled;
}

/** One line a turn for a person; for a program, the log as it is. */
function sayOutput(
  read: Exclude<ReturnType<typeof readOutput>, { kind: "chatter" }>,
  verbose: boolean,
): void {
  if (read.kind === "other") say(read.text);
  else if (!process.stdout.isTTY) say(JSON.stringify(read.line));
  else if (verbose || isTold(read.line)) say(describeLog(read.line));
}

/** Hands on each line that is typed, one after the other. */
function readTyped(onLine: (line: string) => Promise<void>): void {
  let last: Promise<void> = Promise.resolve();
  createInterface({ input: process.stdin }).on("line", (line) => {
    if (line.trim() !== "") last = last.then(() => onLine(line.trim()));
  });
}

/**
 * Storage is the checkout's, as with `wrangler dev`; `--persist-to` names another. The demo has its own: its
 * doubles must not be sent what real chats are still owed, nor a real model asked with the demo's talk before it.
 */
function storageOf({ persistTo }: StartSettings, demo: boolean): string {
  return resolve(ROOT, persistTo ?? join(".wrangler", demo ? "demo" : "state"));
}

function wranglerArguments(
  { envFiles }: StartSettings,
  { config, secrets }: SetupFiles,
  storage: string,
): string[] {
  return [
    `--config=${config}`,
    ...[...envFiles, secrets].map((file) => `--env-file=${file}`),
    `--persist-to=${storage}`,
  ];
}

/** Compiles the routes file anew when it is saved; wrangler takes the new module up. */
function watchRoutes(
  file: string,
  module: string,
  demo: boolean,
  onCompiled: () => Promise<void> | undefined,
): void {
  let timer: NodeJS.Timeout | undefined;
  const compile = async () => {
    const { ok, findings } = await compileRoutes(file, module, demo);
    if (findings !== "") say(ok ? findings : red(findings));
    say(dim(ok ? `${basename(file)} is compiled.` : "The gateway goes on with the routes it has."));
    if (ok) await onCompiled();
  };
  // The folder, because many editors put a new file in the old one's place.
  watch(dirname(resolve(ROOT, file)), (_, name) => {
    if (name !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(compile, SAVED_AFTER_MS);
  });
}

async function endOf(tree: ProcessTree): Promise<never> {
  await tree.exited;
  throw new Error("The gateway's runtime ended.");
}

/**
 * Resolves on Ctrl-C, when this process is asked to end, or when nobody reads what it says (`npm start | head`). Under `npm start` a signal to npm ends the shell
 * between the two, which passes nothing on: then this process has another parent than before.
 */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      resolve();
    });
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event === undefined) return;
    setInterval(() => process.ppid !== parent && resolve(), PARENT_CHECK_MS);
  });
}
