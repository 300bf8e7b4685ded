import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { deploy } from "../../tools/deploy/deploy.ts";
import { cloudflare } from "../../tools/deploy/wrangler.ts";
import { fixture, temporary } from "./run.ts";

const GOOD = `model: { default: m, base_url: https://llm.example/v1, api_key: "\${INFERENCE_KEY}" }
owners: { telegram: ["482913377"] }
`;

/** Deploys this file with a wrangler that is played by a script, and notes what that was asked. */
async function deployed(text: string, secrets: readonly string[] = [], code = 0, inBuilds = false) {
  const file = temporary(text);
  const script = join(dirname(file), "wrangler.mjs");
  const asked = join(dirname(file), "asked.txt");
  writeFileSync(asked, "");
  writeFileSync(
    script,
    `import { appendFileSync } from "node:fs";
const { ROUTES_FILE, WRANGLER_OUTPUT_FILE_PATH: record } = process.env;
appendFileSync(${JSON.stringify(asked)}, process.argv.slice(2).join(" ") + " with " + ROUTES_FILE + "\\n");
if (process.argv[2] === "deploy") {
  const lines = [{ type: "wrangler-session" }, { type: "deploy", targets: ["https://talaria.ann.workers.dev", "* * * * *"] }];
  appendFileSync(record, lines.map((line) => JSON.stringify(line) + "\\n").join(""));
} else console.log(${JSON.stringify(JSON.stringify(secrets.map((name) => ({ name, type: "secret_text" }))))});
process.exitCode = ${code};`,
  );
  const said: string[] = [];
  const exit = await deploy({
    file,
    cloudflare: cloudflare(script),
    inBuilds,
    say: (line) => said.push(line),
  });
  return { exit, said: said.join("\n"), asked: readFileSync(asked, "utf8"), file };
}

test.each([
  [
    "the demo's routes",
    readFileSync(fixture("shipped.yaml"), "utf8"),
    /demo's routes, which name no owner and only repeat what is written: npm run connect makes/,
  ],
  ["the demo's owner", GOOD.replace("482913377", "42"), /owners names 42, who is the demo's/],
  ["no owner", GOOD.replace(/owners.*/, ""), /there is no owner, so nobody is answered/],
  [
    "no owner, and strangers answered",
    GOOD.replace(/owners.*/, "access: { strangers: answer }"),
    /there is no owner, so nobody may change the model/,
  ],
  ["a literal key", GOOD.replace("${INFERENCE_KEY}", "sk-1"), /the model block has a literal api_key/],
  [
    "a literal key in a header of a fallback",
    GOOD.replace(
      " }",
      ", fallbacks: [{ model: f, base_url: https://f.example/v1, headers: { x-api-key: k } }] }",
    ),
    /fallback 1 of the model block has a literal header x-api-key/,
  ],
  ["echo", `${GOOD}models: { e: { model: x, provider: echo } }\n`, /models\.e answers with provider echo/],
  [
    "the demo's model at a real endpoint",
    GOOD.replace("default: m", "default: echo-base"),
    /\.yaml:1 "echo-base" is a model of the demo: llm\.example has none\. Name a model of yours/,
  ],
  [
    "an endpoint on this machine",
    GOOD.replace("https://llm.example", "http://localhost:11434"),
    /the model block goes to http:\/\/localhost:11434\/v1, which is this machine/,
  ],
  [
    "Workers AI without its binding",
    GOOD.replace(/model: .*/, "model: { default: '@cf/zai-org/glm-4.7-flash', provider: workers-ai }"),
    /workers-ai needs its binding: uncomment \[ai\] in wrangler\.toml/,
  ],
])("%s is not deployed, and why", async (_, text, reason) => {
  const { exit, said, asked } = await deployed(text);
  expect(said).toMatch(/\nNot deployed with .*:\n {2}· /);
  expect(said).toMatch(reason);
  expect(said).not.toContain("sk-1");
  expect([exit, asked]).toEqual([1, ""]);
});

/** The shipped routes with no more changed than their model block's endpoint and the owner. */
const HALF_CHANGED = readFileSync(fixture("shipped.yaml"), "utf8")
  .replace(/default: echo-base/, "default: m")
  .replace(/provider: echo$/m, 'base_url: "https://llm.example/v1"\n  api_key: "${INFERENCE_KEY}"')
  .replace(/^# owners:.*/m, 'owners: { telegram: ["482913377"] }');

test("a copy of the demo with an endpoint of one's own is refused for every model that is left of the demo", async () => {
  const { exit, said, asked } = await deployed(HALF_CHANGED);
  expect([exit, asked]).toEqual([1, ""]);
  expect(said).not.toContain("has the demo's routes");
  for (const model of ["strong", "small", "discord", "peer", "nightly"]) {
    expect(said).toMatch(new RegExp(`· \\S+\\.yaml:\\d+ "echo-${model}" is a model of the demo`));
  }
  const line = HALF_CHANGED.split("\n").findIndex((text) => /^ {2}small: echo-small/.test(text)) + 1;
  expect(said).toContain(`.yaml:${line} "echo-small" is a model of the demo`);
});

test("the demo's routes in a file of one's own stand in connect's way, which deploy says", async () => {
  const file = temporary(readFileSync(fixture("shipped.yaml"), "utf8"), "routes.local.yaml");
  const said: string[] = [];
  const unused = cloudflare("nowhere.mjs");
  const exit = await deploy({ file, cloudflare: unused, inBuilds: false, say: (line) => said.push(line) });
  expect(exit).toBe(1);
  expect(said.join("\n")).toContain(`delete ${file}, then npm run connect makes routes`);
});

test("what is in order is deployed; unset secrets, the address and the next step are told", async () => {
  const { exit, said, asked, file } = await deployed(GOOD, ["TELEGRAM_BOT_TOKEN"]);
  expect(exit).toBe(0);
  expect(asked).toMatch(new RegExp(`^deploy with ${file}\nsecret list --format=json`));
  expect(said).toContain("Deployed to https://talaria.ann.workers.dev\n");
  expect(said).toContain("Secrets that are not set: INFERENCE_KEY, TELEGRAM_WEBHOOK_SECRET\n");
  expect(said).toContain("  npm run connect -- --url https://talaria.ann.workers.dev");
});

test("with every secret set there is nothing to set", async () => {
  const { said } = await deployed(GOOD, ["INFERENCE_KEY", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"]);
  expect(said).not.toMatch(/not set|No platform/);
});

test("a button deploys the demo's routes as long as no platform is on", async () => {
  const demo = readFileSync(fixture("shipped.yaml"), "utf8");
  expect((await deployed(demo, ["ADMIN_TOKEN"], 0, true)).exit).toBe(0);
  const { exit, said } = await deployed(demo, ["TELEGRAM_BOT_TOKEN"], 0, true);
  expect(exit).toBe(1);
  expect(said).toMatch(/has the demo's routes/);
});

test("where wrangler fails, nothing is called deployed", async () => {
  const { exit, said } = await deployed(GOOD, [], 1);
  expect(exit).toBe(1);
  expect(said).toContain("Wrangler did not deploy");
  expect(said).not.toContain("Deployed");
});
