import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scripts } from "../../../package.json";
import { readConnect, readDisconnect, readDoctor } from "../../../tools/connect/options.ts";
import { envLines, OWN_ROUTES, type Stage, startStage } from "./stage.ts";

const ROOT = join(import.meta.dirname, "../../..");
const READERS = { connect: readConnect, disconnect: readDisconnect, doctor: readDoctor };
const TOOLS = ["connect", "disconnect", "doctor"] as const;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  stage.write("routes.local.yaml", OWN_ROUTES);
});
afterAll(() => stage.stop());

/** Runs a tool as its npm script does, without a terminal, for the files of the stage. */
async function run(tool: (typeof TOOLS)[number], ...args: string[]) {
  const script = scripts[tool].split(" ").slice(1);
  const words = script.map((word) => (/\.m?ts$|\.mjs$/.test(word) ? join(ROOT, word) : word));
  const child = spawn(process.execPath, [...words, ...args], {
    cwd: stage.folder,
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  const add = (text: Buffer) => {
    out += String(text);
  };
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, out };
}

test.each(TOOLS)("%s says how it is used, and refuses what it does not know", async (tool) => {
  expect(READERS[tool](["--help"], {}, stage.folder)).toBeNull();
  expect(() => READERS[tool](["--ulr", "x"], {}, stage.folder)).toThrow(/'--ulr'[\s\S]*usage: npm run /);
  expect(() => READERS[tool](["extra"], {}, stage.folder)).toThrow(
    /'extra'.* write npm run \w+ -- --FLAG[\s\S]*usage: /,
  );
  // Node takes this option for its own, wherever it stands.
  expect(await run(tool, "--env-file", "nope")).toEqual({
    code: 1,
    out: "There is no file nope (--env-file).\n",
  });
});

test.each([
  ["connect", { npm_config_dry_run: "true" }, "-- --dry-run"],
  ["connect", { npm_config_yes: "true" }, "-- --yes"],
  ["connect", { npm_config_url: "https://talaria.example" }, "-- --url https://talaria.example"],
  ["disconnect", { npm_config_dry_run: "true" }, "-- --dry-run"],
  ["doctor", { npm_config_json: "true" }, "-- --json"],
] as const)("%s refuses to run without the flag that npm took: %j", (tool, env, flag) => {
  const line = `write npm run ${tool} ${flag}: npm took the flag for itself`;
  expect(() => READERS[tool]([], env, stage.folder)).toThrow(new Error(line));
  // Whoever has it among npm's own settings may still say it here, and what is off is no flag.
  expect(READERS[tool](flag.split(" ").slice(1), env, stage.folder)).not.toBeNull();
  expect(READERS[tool]([], { npm_config_dry_run: "", npm_config_yes: "false" }, stage.folder)).not.toBeNull();
});

test("of --url URL npm keeps the flag, and leaves the address", () => {
  expect(() => readConnect(["https://a.example"], { npm_config_url: "true" }, stage.folder)).toThrow(
    "write npm run connect -- --url …: npm took the flag for itself",
  );
});

test.each([
  [
    ["--owner", "hub:argus"],
    /^--owner is hub:argus; it must be telegram:ID or discord:ID, the id as a number$/,
  ],
  [["--owner", "telegram:@ann"], /^--owner is telegram:@ann; it must be telegram:ID or discord:ID/],
  [["--model", "m"], /^--provider custom needs --base-url, such as https:\/\/llm.example\/v1$/],
  [["--model", "m", "--provider", "opnai"], /^--provider is opnai; it must be one of custom, /],
  [
    ["--base-url", "https://llm.example/v1"],
    /^--base-url goes with --model NAME, which makes routes.local.yaml$/,
  ],
  [["--provider", "openai"], /^--provider goes with --model NAME/],
  [["--url", "talaria.example"], /^--url is talaria.example; it must be the gateway's address, such as \S+$/],
])("connect %j is one line", (args, line) => {
  expect(() => readConnect(args, {}, stage.folder)).toThrow(line);
});

test("the tools work without a terminal, from an env file", async () => {
  const env = { ...stage.cast.env, ADMIN_TOKEN: "a" };
  stage.write("my.env", envLines(env));
  stage.write(".dev.vars", envLines(env));
  stage.restart();
  const args = ["--url", stage.gateway.url, "--env-file", "my.env"];
  const connected = await run("connect", ...args, "--yes");
  expect(connected).toMatchObject({ code: 0, out: expect.stringMatching(/^changed .*Telegram: webhook: /m) });
  const examined = await run("doctor", ...args, "--json");
  expect(examined.code).toBe(0);
  expect(JSON.parse(examined.out)).toMatchObject({
    ok: true,
    findings: expect.arrayContaining([{ level: "ok", about: "routes", text: expect.any(String) }]),
  });
  const taken = await run("disconnect", ...args);
  expect(taken).toMatchObject({ code: 0, out: expect.stringMatching(/^changed .*webhook: none/m) });
});
