import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { freePort } from "../../tools/lib/serve.ts";
import { ROOT } from "../../tools/lib/wrangler.ts";
import { chatAnswer, type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { ENTER, openTerminal, type Terminal } from "./support/terminal.ts";
import { ADMIN_TOKEN, startWorld, type World } from "./support/world.ts";

const CHAT = ["--import", join(ROOT, "tools/lib/needs-node.mjs"), "--", join(ROOT, "tools/chat.ts")];
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const UP = "\u001b[A";
const LONG = "A first sentence that is long enough to be shown. ";

let world: World;
let slow: RawEndpoint;
let folder: string;
let terminal: Terminal | undefined;
beforeAll(async () => {
  slow = await startRawEndpoint();
  const routes = () => `
model: { default: slow-model, provider: custom, base_url: "${slow.url}" }
`;
  world = await startWorld({ endpoints: [], routes });
});
afterAll(async () => {
  await world?.stop();
  await slow?.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "talaria-chat-"));
  slow.clear();
  slow.script(chatAnswer("ok"));
});
afterEach(() => {
  terminal?.kill();
  terminal = undefined;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const surroundings = (env: Record<string, string> = { ADMIN_TOKEN }) => ({
  PATH: process.env.PATH,
  XDG_STATE_HOME: join(folder, "state"),
  ...env,
});

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the client without a terminal; what is piped into it, and in what surroundings. */
async function run(
  args: readonly string[],
  input = "",
  env = surroundings(),
  url = world.gateway.url,
): Promise<Run> {
  const child = spawn(process.execPath, [...CHAT, `--url=${url}`, ...args], { cwd: folder, env });
  let out = "";
  let err = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out, err };
}

const lastAsked = () => slow.requests.at(-1)?.messages;
const question = (content: string) => [{ role: "user", content }];

test("--once prints the answer alone", async () => {
  slow.script(chatAnswer("**Bold** and `code`"));
  expect(await run(["--session=once", "--once", "What?"])).toEqual({
    code: 0,
    out: "**Bold** and `code`\n",
    err: "",
  });
  expect(lastAsked()).toEqual(question("What?"));
  expect((await run(["--session=once", "--once", "/whoami"])).out).toContain("agent:main:cli:dm:once");
});

test("a pipe is the prompt, and stands behind the text of --once", async () => {
  expect(await run(["--session=pipe"], "What is this?\n")).toMatchObject({ code: 0, out: "ok\n" });
  expect(lastAsked()).toEqual(question("What is this?"));
  expect(await run(["--session=pipe2", "--once", "Say what this is:"], "line one\nline two\n")).toMatchObject(
    {
      code: 0,
      out: "ok\n",
    },
  );
  expect(lastAsked()).toEqual(question("Say what this is:\n\nline one\nline two"));
});

test("the token is .dev.vars's where the environment has none", async () => {
  writeFileSync(join(folder, ".dev.vars"), `ADMIN_TOKEN=${ADMIN_TOKEN}\n`);
  expect(await run(["--once", "Hello"], "", surroundings({}))).toEqual({ code: 0, out: "ok\n", err: "" });
  const wrong = await run(["--once", "Hello"], "", surroundings({ ADMIN_TOKEN: "another" }));
  expect(wrong).toMatchObject({ code: 1, out: "" });
});

test("a failure is one line on stderr, and exit 1", async () => {
  const expectLine = async (running: Promise<Run>, line: RegExp) => {
    const { code, out, err } = await running;
    expect([code, out, err.match(/\n/g)?.length]).toEqual([1, "", 1]);
    expect(err).toMatch(line);
    expect(err).not.toContain(ADMIN_TOKEN);
  };
  const once = ["--session=fails", "--once", "Hello"];
  await expectLine(run(once, "", surroundings({ ADMIN_TOKEN: "wrong" })), /does not take this ADMIN_TOKEN/);
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  await expectLine(run(once, "", surroundings(), nowhere), /no gateway answers at .*ECONNREFUSED/);
  await expectLine(run(["--once", " "]), /nothing to ask/);
  await expectLine(run(once, "", surroundings({}), "https://nowhere.example"), /ADMIN_TOKEN is not set: /);
  await expectLine(run(["--session=a/b", "--once", "x"]), /--session is a\/b/);
  slow.script(({ head }) => head(401).end());
  await expectLine(run(once), /did not accept this bot's key/);
});

function open(args: readonly string[] = [], env: Record<string, string> = {}): Terminal {
  terminal = openTerminal([...CHAT, `--url=${world.gateway.url}`, ...args], {
    cwd: folder,
    env: { ...surroundings(), ...env },
  });
  return terminal;
}

test("in a terminal an answer grows, in colour, and Ctrl-D leaves", async () => {
  const held = slow.hold(
    (exchange) => exchange.stream().chunk({ content: `**Bold** ${LONG}` }),
    (exchange) => exchange.chunk({ content: "And the end." }, "stop").end(),
  );
  const { answers, sees, types, exited, raw } = open(["--session=grows"]);
  await answers(/›/, "Hello");
  await held.started;
  await sees(/Bold A first sentence/);
  held.release();
  await sees(/And the end\./);
  expect(raw()).toContain("\u001b[1mBold\u001b[0m");
  await sees(/›\s*$/);
  types(CTRL_D);
  expect(await exited).toBe(0);
});

test("NO_COLOR leaves the Markdown as it is written", async () => {
  slow.script(chatAnswer("**Bold** text"));
  const { answers, sees, raw } = open(["--session=plain"], { NO_COLOR: "1" });
  await answers(/> /, "Hello");
  await sees(/\*\*Bold\*\* text/);
  expect(raw()).not.toContain("\u001b[0m");
});

test("what an answer holds does not steer the terminal", async () => {
  slow.script(chatAnswer("before\u001b]0;title\u0007\u001b[2Jafter"));
  const { answers, sees, raw } = open(["--session=steers"]);
  await answers(/›/, "Hello");
  await sees(/before.*after/);
  expect(raw()).not.toContain("\u001b]0;");
  expect(raw()).not.toContain("\u001b[2J");
});

test("a pasted text is one message, in its lines", async () => {
  const { sees, types } = open(["--session=paste"]);
  await sees(/›/);
  types("\u001b[200~def f():\r\treturn 1\r\n\u001b[201~");
  await sees(/return 1/);
  expect(slow.requests).toHaveLength(0);
  types(`and${ENTER}`);
  await sees(/\nok/);
  expect(lastAsked()).toEqual(question("def f():\n\treturn 1\nand"));
});

test("Ctrl-C stops the answer, and the conversation goes on; twice it leaves", async () => {
  const held = slow.hold((exchange) => exchange.stream().chunk({ content: LONG }));
  const { answers, sees, types, exited } = open(["--session=stops"]);
  await answers(/›/, "Hello");
  const { closed } = await held.started;
  await sees(/A first sentence/);
  types(CTRL_C);
  await closed;
  await answers(/Stopped\.\s+›/, "Next");
  await sees(/ok\s+›/);
  types(CTRL_C);
  await sees(/once more, or Ctrl-D, leaves/);
  types(CTRL_C);
  expect(await exited).toBe(0);
});

test("Ctrl-C twice leaves an answer that does not come", async () => {
  const held = slow.hold();
  const { answers, types, exited } = open(["--session=leaves"]);
  await answers(/›/, "Hello");
  await held.started;
  types(CTRL_C + CTRL_C);
  expect(await exited).toBe(0);
});

test("what was typed is there again, kept for nobody else to read", async () => {
  const first = open(["--session=history"]);
  await first.answers(/›/, "the first question");
  await first.sees(/ok\s+›/);
  first.types(CTRL_D);
  expect(await first.exited).toBe(0);
  const file = join(folder, "state/talaria/chat-history");
  expect(readFileSync(file, "utf8")).toBe("the first question\n");
  if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  const second = open(["--session=history2"]);
  await second.sees(/›/);
  second.types(UP + ENTER);
  await second.sees(/ok\s+›/);
  expect(lastAsked()).toEqual(question("the first question"));
});

test("Tab completes a command, and commands are answered", async () => {
  const { sees, types } = open(["--session=tab"]);
  await sees(/›/);
  types("/who\t");
  await sees(/\/whoami /);
  types(ENTER);
  await sees(/Session: agent:main:cli:dm:tab/);
});

test("what is typed while an answer is made is asked behind it", async () => {
  const held = slow.hold(
    (exchange) => exchange.stream(),
    (exchange) => exchange.chunk({ content: "the first answer" }, "stop").end(),
  );
  const { answers, sees, types } = open(["--session=ahead"]);
  await answers(/›/, "one");
  await held.started;
  types(`two${ENTER}`);
  slow.script(chatAnswer("the second answer"));
  held.release();
  await sees(/the first answer[\s\S]*two[\s\S]*the second answer/);
});

test("the answer goes on where the gateway was gone for a while", async () => {
  const held = slow.hold((exchange) => exchange.stream().chunk({ content: LONG }));
  const { answers, sees } = open(["--session=lost"]);
  await answers(/›/, "Hello");
  await held.started;
  await sees(/A first sentence/);
  await world.gateway.kill();
  slow.script(chatAnswer("**after** the crash"));
  await world.gateway.restart();
  await sees(/after the crash/, 30_000);
});

test("a terminal that is not let in says so at once", async () => {
  const { exited, shown } = open([], { ADMIN_TOKEN: "wrong" });
  expect(await exited).toBe(1);
  expect(shown()).toMatch(/^http:\/\/127\.0\.0\.1:\d+ does not take this ADMIN_TOKEN: .*\s*$/);
});
