import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConnect } from "../../../tools/connect/options.ts";
import { envLines, OWN_ROUTES, type Stage, startStage } from "./stage.ts";

const TOOLS = join(import.meta.dirname, "../../../tools");

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  stage.write("routes.local.yaml", OWN_ROUTES);
});
afterAll(() => stage.stop());

/** Runs a tool as its npm script does, without a terminal. */
async function run(tool: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ["--", join(TOOLS, `${tool}.ts`), ...args], {
    cwd: stage.folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (out += String(text)));
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, out };
}

test.each(["connect", "disconnect"])(
  "%s says how it is used, and refuses what it does not know",
  async (tool) => {
    const [help, unknown, file] = await Promise.all([
      run(tool, ["--help"]),
      run(tool, ["--ulr", "x"]),
      run(tool, ["--env-file", "nope"]),
    ]);
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining(`usage: npm run ${tool}`) });
    expect(unknown).toMatchObject({ code: 1, out: expect.stringContaining("'--ulr'") });
    expect(unknown.out).toContain(`usage: npm run ${tool}`);
    expect(file).toMatchObject({ code: 1, out: "There is no file nope (--env-file).\n" });
  },
);

test.each([
  [
    ["--owner", "hub:argus"],
    "--owner is hub:argus; it must be telegram:ID or discord:ID, the id as a number",
  ],
  [
    ["--owner", "telegram:@ann"],
    "--owner is telegram:@ann; it must be telegram:ID or discord:ID, the id as a number",
  ],
  [["--model", "m"], "--provider custom needs --base-url, such as https://llm.example/v1"],
  [["--model", "m", "--provider", "opnai"], /^--provider is opnai; it must be one of custom, /],
  [
    ["--url", "talaria.example"],
    /^--url is talaria.example; it must be the gateway's address, such as [^\n]*$/,
  ],
])("connect %j is one line", (args, line) => {
  expect(() => readConnect(args, {}, stage.folder)).toThrow(line);
});

test("connect and disconnect work without a terminal, from an env file", async () => {
  stage.write("my.env", envLines({ ...stage.cast.env, ADMIN_TOKEN: "a" }));
  stage.gateway.env = { ...stage.cast.env, ADMIN_TOKEN: "a" };
  const args = ["--url", stage.gateway.url, "--env-file", "my.env"];
  const connected = await run("connect", [...args, "--yes"]);
  expect(connected).toMatchObject({ code: 0, out: expect.stringContaining("webhook") });
  expect(await run("connect", args)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/Nothing was changed\.\n$/),
  });
  expect(await run("disconnect", args)).toMatchObject({
    code: 0,
    out: expect.stringContaining("webhook: none"),
  });
});
