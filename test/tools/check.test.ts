import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { fixture, run, temporary } from "./run.ts";

const WARNING = "model: { default: m, provider: echo, routes: [{ match: {} }] }\n";
const ERROR = "model: { default: m, provider: ecko }\n";

test("the contract's file is in order, but for a route that nobody can take", () => {
  const found = run("check", ["--config", fixture("contract.yaml")]);
  expect(found.code).toBe(0);
  expect(found.out).toMatch(
    /^\S+:13:7 warning never taken: access ignores every stranger \(strangers: ignore\)\n$/,
  );
  expect(found.err).toContain("0 errors, 1 warning");
});

test("routes.yaml is the default, and the shipped one is in order", () => {
  const cwd = dirname(temporary(readFileSync(fixture("shipped.yaml"), "utf8"), "routes.yaml"));
  const found = run("check", ["--strict"], { cwd });
  expect(found).toMatchObject({ code: 0, out: "" });
  expect(found.err).toContain("routes.yaml: 0 errors, 0 warnings");
});

test("a warning fails only a strict check", () => {
  const file = temporary(WARNING);
  const loose = run("check", ["--config", file]);
  expect(loose.code).toBe(0);
  expect(loose.out).toMatch(/^\S+routes\.yaml:1:56 warning never taken: .*\n$/);
  expect(run("check", ["--config", file, "--strict"]).code).toBe(1);
});

test("an error fails, and the file is called what it was called", () => {
  const file = temporary(ERROR);
  const found = run("check", [], { env: { ROUTES_FILE: file } });
  expect(found.code).toBe(1);
  expect(found.out.split("\n")).toContain(`${file}:1:32 error unknown provider "ecko"; did you mean "echo"?`);
});

test("a file that is not there", () => {
  const found = run("check", ["--config", "nowhere.yaml"]);
  expect(found).toMatchObject({ code: 1, out: "nowhere.yaml:1:1 error this file cannot be read (ENOENT)\n" });
});

test("--routes names the file too, and --help says which one is taken otherwise", () => {
  const file = temporary(ERROR);
  expect(run("check", ["--routes", file])).toEqual(run("check", ["--config", file]));
  expect(run("check", ["--help"]).out).toContain("default routes.local.yaml, else routes.yaml");
});

test("an unknown option is a usage error", () => {
  const found = run("check", ["--stirct"]);
  expect(found.code).toBe(2);
  expect(found.err).toContain("usage: npm run check");
});

test("a file that speaks of people and answers none of them", () => {
  const text = "model: { default: m, provider: echo }\nowners: { telegram: [] }\n";
  const found = run("check", ["--config", temporary(text)]);
  expect(found.out).toContain(
    "2:1 warning nobody is answered on Telegram and Discord: owners names nobody, and strangers are ignored",
  );
});

test("a file with which a deployed gateway would have no owner", () => {
  const MODEL = 'model: { default: m, base_url: "https://llm.example/v1", api_key: "${KEY}" }\n';
  const out = (text: string) => run("check", ["--config", temporary(text)]).out;
  expect(out(MODEL)).toContain("warning nobody is answered on Telegram and Discord: owners names nobody");
  expect(out(`${MODEL}access: { strangers: answer }\n`)).toContain(
    "warning nobody may change the model or stop a stranger on Telegram and Discord: owners names nobody",
  );
  expect(out(`${MODEL}owners: { discord: ["1417636184355766305"] }\n`)).toBe("");
});

test("Workers AI without its binding", () => {
  const text = "model: { default: '@cf/zai-org/glm-4.7-flash', provider: workers-ai }\n";
  const found = run("check", ["--config", temporary(text)]);
  expect(found.out).toContain("1:58 warning workers-ai needs its binding: uncomment [ai] in wrangler.toml");
});

test("a block pasted from Hermes works, and is told what means nothing here", () => {
  const found = run("check", ["--config", fixture("hermes.yaml")]);
  expect(found.code).toBe(0);
  expect(
    found.out
      .trim()
      .split("\n")
      .map((line) => line.replace(/^.*hermes\.yaml:/, "")),
  ).toEqual([
    "2:1 warning no api_key: openrouter.ai is asked without one; write api_key: ${OPENROUTER_API_KEY}",
    "2:1 warning nobody is answered on Telegram and Discord: owners names nobody, and strangers are ignored",
    "4:13 warning provider auto is not built in here: taken as custom",
    "8:3 warning context_length is Hermes's and means nothing here; instead, write context:",
    "9:3 warning command is Hermes's and means nothing here",
    "10:3 warning args is Hermes's and means nothing here",
    '12:5 warning this gateway has no platform "slack": it never matches',
  ]);
});

test("each job's next three runs are shown, with their offset", () => {
  const text = `model: { default: m, provider: echo }
cron:
  timezone: Europe/Berlin
  jobs:
    - { name: brief, schedule: "0 9 * * 1-5", prompt: p, deliver: log }
    - { name: ashore, schedule: every 2h, prompt: p, deliver: "discord:900" }
`;
  const { code, out } = run("check", ["--config", temporary(text), "--strict"]);
  expect(code).toBe(0);
  const [brief = "", ashore = ""] = out.split("\n");
  expect(brief).toMatch(/^job brief to log: (\d{4}-\d\d-\d\dT09:00\+0[12]:00(, )?){3}$/);
  expect(ashore).toMatch(/^job ashore to discord:900, with DISCORD_BOT_TOKEN: /);
});
