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
  ["the demo's routes", readFileSync(fixture("shipped.yaml"), "utf8"), /has the demo's routes/],
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
