import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Cast, startCast } from "../../tools/demo/cast.ts";
import { endTree, type ProcessTree, startTree } from "../../tools/lib/child.ts";
import { freePort } from "../../tools/lib/serve.ts";
import { ROOT } from "../../tools/lib/wrangler.ts";
import { type InferenceDouble, startInference } from "../support/inference.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

const OWNER = { id: 42, first_name: "Ann" };
const CTRL_C = "\u0003";
const CONNECT = ["--", join(ROOT, "tools/connect.ts")];

let folder: string;
let cast: Cast;
let model: InferenceDouble;
let port: number;
let terminal: Terminal | undefined;
let gateway: ProcessTree | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "talaria-guide-"));
  port = await freePort();
  [cast, model] = await Promise.all([startCast("http://127.0.0.1:1"), startInference()]);
});
afterEach(async () => {
  terminal?.kill();
  if (gateway) await endTree(gateway);
  await Promise.all([cast.stop(), model.stop()]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const read = (file: string) => readFileSync(join(folder, file), "utf8");

/** What a person has in the environment: where the doubles are, and no secret. */
const surroundings = () => ({
  PATH: process.env.PATH,
  PORT: String(port),
  TELEGRAM_API_BASE: cast.env.TELEGRAM_API_BASE,
  DISCORD_API_BASE: cast.env.DISCORD_API_BASE,
});

test("the guide leads from an empty folder to an answered message", async () => {
  const began = performance.now();
  terminal = openTerminal(CONNECT, { cwd: folder, env: surroundings() });
  const { sees, answers, shown } = terminal;

  // "a" takes all.
  await answers(/Which platforms\?[\s\S]*Hub/, "a");
  await answers(/Telegram: the bot's token/, "7001002003:wrong-wrong-wrong-wrong-wrong-wrong");
  await sees(/Telegram does not take it \(getMe: 401/);
  await answers(/Once more[\s\S]*Telegram: the bot's token/, cast.env.TELEGRAM_BOT_TOKEN ?? "");
  await sees(/It is @talaria_test_bot's/);
  await answers(/Discord: the bot's token/, cast.env.DISCORD_BOT_TOKEN ?? "");
  await sees(/It is of the application Talaria/);
  await answers(/Hub: its address/, cast.env.HUB_BASE_URL ?? "");
  await answers(/Hub: the agent's id[\s\S]*talaria/, "");
  await answers(/Hub: the agent's secret/, cast.env.HUB_AGENT_SECRET ?? "");
  await sees(/It opens the inbox of talaria/);
  await answers(/Whose model answers\?[\s\S]*echo/, "");
  await answers(/The endpoint's base URL/, "/");
  await sees(/base_url is not a URL/);
  terminal.types("\u007f");
  await answers(/The endpoint's base URL/, model.url);
  await answers(/The model's id/, "claude-sonnet-4-6");
  await answers(/Its key/, "sk-typed-by-hand-0123");
  await sees(/claude-sonnet-4-6 answers\./);

  const [, code = ""] = await sees(/Send this code to @talaria_test_bot: +(\w{8})/);
  const { telegram, discord } = cast;
  telegram.registration.queue(telegram.updates.direct({ id: 666 }, "let me in"));
  telegram.registration.queue(telegram.updates.direct(OWNER, code));
  await sees(/Ann \(42\) is the owner; other messages that came meanwhile get no answer: 1/);

  await sees(/npm start -- --port \d+/);
  const files = [`--env-file=${join(folder, ".dev.vars")}`, `--routes=${join(folder, "routes.local.yaml")}`];
  gateway = startTree(
    join(ROOT, "tools/start.ts"),
    [`--port=${port}`, `--persist-to=${join(folder, "state")}`, ...files],
    { cwd: ROOT, env: { ...process.env, NO_COLOR: "1" }, onLine() {} },
  );
  await answers(/Set it\?/, "", 60_000);
  expect(await terminal.exited).toBe(0);
  expect(shown()).toMatch(/^changed +Discord: interactions endpoint: /m);
  expect(shown()).not.toMatch(/^(error|to do) /m);

  // Telegram delivers to where it was told to, with what it was told.
  const { url, secret_token } = telegram.registration.webhook;
  expect(url).toBe(`http://127.0.0.1:${port}/webhooks/telegram`);
  const asked = telegram.updates.direct(OWNER, "Hello?");
  const delivered = await telegram.deliver(`http://127.0.0.1:${port}`, asked, String(secret_token));
  expect(delivered.status).toBe(200);
  const [, greeting] = await telegram.waitForMessages(OWNER.id, 2);
  expect(greeting?.text).toBe("claude-sonnet-4-6 heard: Hello?");
  // Typed by a machine: the rest is what a person takes to read and to type.
  expect(performance.now() - began, "milliseconds from an empty folder to an answer").toBeLessThan(60_000);

  expect(read("routes.local.yaml")).toContain('telegram: [ "42" ]');
  expect(read("routes.local.yaml")).toContain(`discord: [ "${discord.application.owner.id}" ]`);
  expect(read("routes.local.yaml")).not.toContain("sk-typed");
  // What is typed as a secret is never shown.
  for (const secret of [cast.env.TELEGRAM_BOT_TOKEN, cast.env.DISCORD_BOT_TOKEN, "sk-typed-by-hand-0123"]) {
    expect(shown()).not.toContain(secret);
    expect(read(".dev.vars")).toContain(secret);
  }

  // A second run has nothing to ask and nothing to change.
  terminal = openTerminal(CONNECT, { cwd: folder, env: surroundings() });
  expect(await terminal.exited).toBe(0);
  expect(terminal.shown()).toMatch(/^Nothing was changed\.\s*$/m);
});

test("Ctrl-C ends the guide with one line, at a question and while it waits, and what is written stays", async () => {
  const stored = `ADMIN_TOKEN=mine\nTELEGRAM_API_BASE=${cast.env.TELEGRAM_API_BASE}\n`;
  writeFileSync(join(folder, ".dev.vars"), stored);
  terminal = openTerminal(CONNECT, { cwd: folder, env: surroundings() });
  await terminal.sees(/Which platforms\?[\s\S]*Hub/);
  terminal.types(CTRL_C);
  expect(await terminal.exited).toBe(1);
  expect(terminal.shown()).toMatch(/Cancelled\. What is written so far stays/);
  expect(read(".dev.vars")).toBe(stored);

  writeFileSync(
    join(folder, "routes.local.yaml"),
    "model: { default: m, provider: openai, api_key: '${OPENAI_KEY}' }\n",
  );
  writeFileSync(join(folder, ".dev.vars"), `${stored}TELEGRAM_BOT_TOKEN=${cast.env.TELEGRAM_BOT_TOKEN}\n`);
  terminal = openTerminal(CONNECT, { cwd: folder, env: surroundings() });
  // Down to Hub, and chosen.
  await terminal.answers(/Which further platforms\?[\s\S]*Hub/, "\u001b[B ");
  await terminal.answers(/Hub: its address/, cast.env.HUB_BASE_URL ?? "");
  await terminal.answers(/Hub: the agent's id[\s\S]*talaria/, "-of-ann");
  await terminal.answers(/Hub knows no agent talaria-of-ann\. Register it\?/, "");
  await terminal.answers(/OPENAI_KEY, which the routes file names/, "sk-by-hand");
  await terminal.sees(/Waiting for the code/);
  terminal.types(CTRL_C);
  expect(await terminal.exited).toBe(1);
  expect(terminal.shown()).toMatch(
    /Cancelled\. What is written so far stays \(the lines that begin with changed/,
  );
  expect(read(".dev.vars")).toMatch(/^OPENAI_KEY=sk-by-hand$/m);
  expect(read(".dev.vars")).toMatch(/^TELEGRAM_WEBHOOK_SECRET=/m);
  expect(read(".dev.vars")).toContain(
    `HUB_AGENT_SECRET=${cast.hub.env("talaria-of-ann").HUB_AGENT_SECRET}\n`,
  );
});

test("without a network the guide says so, and takes a token untried", async () => {
  const env = { ...surroundings(), TELEGRAM_API_BASE: "http://127.0.0.1:9" };
  terminal = openTerminal(CONNECT, { cwd: folder, env });
  await terminal.answers(/Which platforms\?[\s\S]*Hub/, " ");
  await terminal.answers(/Telegram: the bot's token/, cast.env.TELEGRAM_BOT_TOKEN ?? "");
  await terminal.answers(
    /Telegram cannot be asked \(getMe: .*is there a network\?[\s\S]*Try it again\?/,
    "n",
  );
  await terminal.sees(/Whose model answers\?/);
  expect(terminal.shown()).not.toMatch(/does not take it/);
  terminal.types(CTRL_C);
  expect(await terminal.exited).toBe(1);
});
