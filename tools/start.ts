import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cast, startCast } from "./demo/cast.ts";
import { playMessages } from "./demo/messages.ts";
import { bold, describeLog, dim, red } from "./demo/show.ts";
import { endTree, type ProcessTree } from "./lib/child.ts";
import { portTaken } from "./lib/serve.ts";
import { PLATFORM_SECRETS, readSettings, type StartSettings } from "./lib/settings.ts";
import { type LogLine, readOutput } from "./lib/worker-log.ts";
import { awaitHealth, ROOT, startDev } from "./lib/wrangler.ts";

const CRON_MS = 60_000;
/** Lines of wrangler that are shown when it fails. */
const LAST_LINES = 40;

const say = (text = "") => console.log(text);

try {
  await start(readSettings(process.argv.slice(2), process.env, ROOT));
  process.exit(0);
} catch (error) {
  console.error(red(error instanceof Error ? error.message : String(error)));
  process.exit(1);
}

/** `npm start`: the gateway on this machine, until Ctrl-C. */
async function start(settings: StartSettings): Promise<void> {
  const { port, routesFile, names } = settings;
  if (await portTaken(port)) {
    throw new Error(`Port ${port} is in use. Stop what runs there, or choose another: PORT=8788 npm start`);
  }
  if (!compiles()) process.exit(1);
  const url = `http://127.0.0.1:${port}`;
  const demo = !Object.values(PLATFORM_SECRETS)
    .flat()
    .some((name) => names.has(name));
  const directory = await mkdtemp(join(tmpdir(), "talaria-start-"));
  const cast = demo ? await startCast(url) : null;
  const envFiles = [...settings.envFiles, ...(cast ? [await writeSecrets(directory, cast)] : [])];

  const logs: LogLine[] = [];
  const last: string[] = [];
  let live = false;
  const tree = startDev({
    port,
    args: [...envFiles.map((file) => `--env-file=${file}`), ...settings.args],
    onLine(raw) {
      const read = readOutput(raw);
      if (read.kind === "chatter") return;
      if (read.kind === "log") logs.push(read.line);
      else if (last.push(read.text) > LAST_LINES) last.shift();
      if (live) say(read.kind === "log" ? describeLog(read.line) : read.text);
    },
  });
  const serve = async (): Promise<never> => {
    say(dim(`Starting the gateway with ${routesFile} …`));
    await awaitHealth(url, tree);
    if (cast) await playMessages({ url, logs, cast, say });
    sayReady(settings, url, demo);
    live = true;
    // Wrangler runs no cron triggers locally.
    setInterval(() => fetch(`${url}/cdn-cgi/handler/scheduled`).catch(() => {}), CRON_MS);
    return new Promise(() => {});
  };
  try {
    await Promise.race([serve(), endOf(tree), signalled()]);
  } catch (error) {
    say(last.join("\n"));
    throw error;
  } finally {
    live = false;
    await endTree(tree);
    await cast?.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function endOf(tree: ProcessTree): Promise<never> {
  await tree.exited;
  throw new Error("The gateway's runtime ended.");
}

/** Resolves on Ctrl-C, or when the system asks this process to end. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}

/** Compiles the routes, so that what is wrong with them is said here and now. */
function compiles(): boolean {
  const compiler = spawnSync(process.execPath, [join(ROOT, "tools/compile.ts")], {
    cwd: ROOT,
    stdio: "inherit",
  });
  return compiler.status === 0;
}

/** The doubles' secrets in a file that only this user can read. */
async function writeSecrets(directory: string, cast: Cast): Promise<string> {
  const file = join(directory, "secrets.env");
  const lines = Object.entries(cast.env).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(""), { mode: 0o600 });
  return file;
}

function sayReady({ names, routesFile }: StartSettings, url: string, demo: boolean): void {
  say();
  say(`${bold("Talaria")} serves on ${bold(url)}   ${dim("Ctrl-C stops it")}`);
  say();
  if (!demo) {
    for (const [platform, secrets] of Object.entries(PLATFORM_SECRETS)) {
      const unset = secrets.filter((name) => !names.has(name));
      say(`  ${platform.padEnd(9)} ${unset.length === 0 ? "on" : dim(`off: ${unset.join(", ")} not set`)}`);
    }
    say();
    return;
  }
  say("  What you can do next:");
  say(`  · change ${routesFile}: the gateway takes it up as you save`);
  say("  · put a bot's secrets into .dev.vars (TELEGRAM_BOT_TOKEN=…) and start again: the doubles stay away");
  say(`  · look at ${url}/health`);
  say();
}
