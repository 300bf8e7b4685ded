import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endTree, type ProcessTree, startTree } from "../../tools/lib/child.ts";
import { freePort, serve } from "../../tools/lib/serve.ts";
import { waitFor } from "../../tools/lib/wait.ts";
import { ROOT } from "../../tools/lib/wrangler.ts";

const started: ProcessTree[] = [];
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "talaria-start-test-"));
  // A developer's own secrets are left alone.
  await writeFile(join(directory, "empty.env"), "");
});
afterAll(async () => {
  await Promise.all(started.map((tree) => endTree(tree)));
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

interface Started {
  readonly tree: ProcessTree;
  readonly url: string;
  output(): string;
}

const START = join(ROOT, "tools/start.ts");
const SHIPPED = join(ROOT, "test/tools/fixtures/shipped.yaml");

async function npmStart(
  env: Record<string, string> = {},
  envFile = "empty.env",
  script = START,
): Promise<Started> {
  const port = await freePort();
  const lines: string[] = [];
  const args = [`--env-file=${join(directory, envFile)}`, `--persist-to=${join(directory, "state")}`];
  const tree = startTree(script, args, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", PORT: String(port), ROUTES_FILE: SHIPPED, ...env },
    onLine: (line) => lines.push(line),
  });
  started.push(tree);
  return { tree, url: `http://127.0.0.1:${port}`, output: () => lines.join("\n") };
}

/** Writes a line to the demo once it serves, and then a change into its routes file. */
async function typist(line: string, routes: string, changed: string): Promise<string> {
  const file = join(directory, "typist.mjs");
  await writeFile(
    file,
    `import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
const child = spawn(process.execPath, [${JSON.stringify(START)}, ...process.argv.slice(2)], {
  stdio: ["pipe", "pipe", "inherit"],
});
let said = "";
let step = 0;
child.stdout.on("data", (data) => {
  process.stdout.write(data);
  said += data;
  if (step === 0 && said.includes("type a line")) child.stdin.write(${JSON.stringify(`${line}
`)}, () => { step = 1; said = ""; });
  if (step === 1 && said.includes("] ")) {
    step = 2;
    writeFileSync(${JSON.stringify(routes)}, ${JSON.stringify(changed)});
  }
});
child.on("exit", (code) => process.exit(code ?? 1));
// The signal reaches the whole tree.
process.on("SIGTERM", () => {});`,
  );
  return file;
}

/** What the terminal's client, in a folder without secrets, says to one question. */
async function chatOnce(url: string): Promise<string> {
  const { ADMIN_TOKEN: _, ...env } = process.env;
  const args = [join(ROOT, "tools/chat.ts"), `--url=${url}`, "--session=demo", "--once=Hello"];
  const running = promisify(execFile)(process.execPath, args, { cwd: directory, env });
  running.child.stdin?.end();
  return (await running).stdout;
}

/** Like npm and its shell: runs `npm start` as a child, and passes no signal on. */
async function launcher(): Promise<string> {
  const file = join(directory, "launcher.mjs");
  await writeFile(
    file,
    `import { spawn } from "node:child_process";
spawn(process.execPath, [${JSON.stringify(START)}, ...process.argv.slice(2)], { stdio: "inherit" });`,
  );
  return file;
}

test("a newcomer sees five messages go through, then a gateway that serves and stops cleanly", async () => {
  const routes = join(directory, "demo.yaml");
  const shipped = await readFile(SHIPPED, "utf8");
  await writeFile(routes, shipped);
  const typed = `let me see ${"it all, ".repeat(30)}to the end`;
  const script = await typist(`stranger: ${typed}`, routes, shipped.replaceAll("echo-small", "echo-tiny"));
  const { tree, url, output } = await npmStart({ ROUTES_FILE: routes }, "empty.env", script);
  await waitFor("readiness", () => output().includes("type a line") || !tree.running(), 60_000);
  const said = output().split("serves on")[0] ?? "";
  expect(output()).toContain(`serves on ${url}`);
  const parts = said.split(/^(?=[1-5] {2})/m);
  expect(parts).toHaveLength(6);
  const [, owner, stranger, discord, peer, forged] = parts;
  expect(owner).toMatch(/Telegram[\s\S]*owner → .* → [\s\S]*\[.+\] /);
  expect(stranger).toMatch(/Telegram[\s\S]*stranger → .* → /);
  expect(discord).toMatch(/Discord[\s\S]*stranger → .* → /);
  expect(peer).toMatch(/Hub[\s\S]*hub_peer → .* → /);
  expect(forged).toMatch(/401/);

  // What is typed is sent as the source that it names; a saved routes file is shown by the same five messages.
  await waitFor("answer to what was typed", () => output().includes(`[echo-small] ${typed}`), 30_000);
  await waitFor("messages again", () => output().split("5  Telegram, forged").length === 3, 30_000);
  expect(output()).toContain("[echo-tiny] And which one answers me?");

  // The terminal is let in at once, without a token that anybody has set.
  expect(await chatOnce(url)).toBe("[echo-strong] Hello\n");

  // Another gateway on this storage is refused with a line.
  const second = await npmStart();
  expect(await second.tree.exited).toBe(1);
  expect(second.output()).toMatch(
    /^Another gateway \(process \d+, http:\S+\) keeps its storage in \S+state\. Stop it, or choose another folder/,
  );

  expect((await fetch(`${url}/health`)).status).toBe(200);
  tree.kill("SIGTERM");
  expect(await tree.exited).toBe(0);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test("with a platform's secrets set, no doubles are played, and what is off says why", async () => {
  await writeFile(
    join(directory, "own.env"),
    "TELEGRAM_BOT_TOKEN=1:x\nTELEGRAM_WEBHOOK_SECRET='s'\nDISCORD_PUBLIC_KEY=ab\n",
  );
  const routes = join(directory, "own.yaml");
  await writeFile(
    routes,
    'model: { default: m, base_url: "https://llm.example/v1", api_key: "${INFERENCE_KEY}" }\n',
  );
  const env = { npm_lifecycle_event: "start", ROUTES_FILE: routes };
  const { tree, url, output } = await npmStart(env, "own.env", await launcher());
  await waitFor("readiness", () => output().includes("needs secrets") || !tree.running(), 60_000);
  expect(output()).not.toContain("doubles");
  expect(output()).toMatch(/Telegram +on, and answers nobody: owners names nobody there/);
  expect(output()).toContain(`${routes} needs secrets that are not set: INFERENCE_KEY\n`);
  expect(output()).toMatch(/Discord +off: DISCORD_APPLICATION_ID not set\n/);
  expect(output()).toMatch(/Hub +off: HUB_BASE_URL, HUB_AGENT_ID, HUB_AGENT_SECRET not set/);
  // Nor does the demo's token open it: the terminal is off.
  expect(output()).toMatch(/Terminal +off: ADMIN_TOKEN not set/);
  await expect(chatOnce(url)).rejects.toThrow(/has no terminal/);
  const statuses = ["telegram", "discord", "hub"].map(async (platform) => {
    const response = await fetch(`${url}/webhooks/${platform}`, { method: "POST", body: "{}" });
    return response.status;
  });
  expect(await Promise.all(statuses)).toEqual([401, 404, 404]);

  process.kill(tree.pid, "SIGKILL");
  await waitFor("end of the gateway, since npm is gone", async () => {
    const answered = await fetch(`${url}/health`).catch(() => undefined);
    return answered === undefined;
  });
});

test("where nobody reads on, it ends without a word", async () => {
  const args = [`--env-file=${join(directory, "empty.env")}`, `--persist-to=${join(directory, "unread")}`];
  const env = { ...process.env, PORT: String(await freePort()), ROUTES_FILE: SHIPPED };
  const child = spawn(process.execPath, [START, ...args], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += String(data);
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = await once(child, "close");
  expect([code, errors]).toEqual([0, ""]);
});

test("a port that is taken is one clear line, and exit 1", async () => {
  const taken = await serve(async (_, response) => {
    response.end();
  });
  const { tree, output } = await npmStart({ PORT: String(taken.port) });
  expect(await tree.exited).toBe(1);
  await taken.close();
  expect(output()).toBe(
    `Port ${taken.port} is in use. Stop what runs there, or choose another: npm start -- --port ${taken.port + 1}`,
  );
});

test("a bad routes file is findings with file, line and column, and exit 1", async () => {
  const file = join(directory, "bad.yaml");
  await writeFile(
    file,
    "model:\n  default: m\n  provider: echo\n  routes:\n    - macht: { platform: hub }\n",
  );
  const { tree, output } = await npmStart({ ROUTES_FILE: file });
  expect(await tree.exited).toBe(1);
  expect(output()).toMatch(/bad\.yaml:5:\d+ error .*match/);
});
