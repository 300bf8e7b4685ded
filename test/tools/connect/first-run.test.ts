import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Guide } from "../../../tools/connect/guide.ts";
import { Cancelled } from "../../../tools/connect/prompt.ts";
import { envLines, OWN_ROUTES, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await startStage();
});
afterEach(() => stage.stop());

const ECHO = { provider: "echo", base_url: null, model: "m", key_name: null };

test("a routes file that is reported is there, without a token and while the owner is looked for", async () => {
  const flags = ["--model", "m-1", "--base-url", "https://llm.example/v1"];
  const reported = /^changed .*routes.local.yaml: m-1 at/m;
  expect((await stage.run([...flags, "--dry-run"])).out).toMatch(
    /^would change .*routes.local.yaml: m-1 at/m,
  );
  expect(existsSync(join(stage.folder, "routes.local.yaml"))).toBe(false);
  const { ok, out } = await stage.run(flags);
  expect(ok).toBe(false);
  expect(out).toMatch(reported);
  expect(stage.read("routes.local.yaml")).toContain("default: m-1");

  rmSync(join(stage.folder, "routes.local.yaml"));
  stage.write(".dev.vars", envLines(stage.tokens));
  const guide: Guide = {
    ask: async () => ({ url: stage.gateway.url, deployed: false, values: {}, model: ECHO }),
    findOwner: async () => {
      expect(stage.read("routes.local.yaml")).toContain("default: m");
      throw new Cancelled();
    },
    awaitGateway: async () => {},
    confirm: async () => true,
  };
  await expect(stage.run([], { guide })).rejects.toThrow(/^Cancelled\. What is written so far stays/);
  expect(stage.read("routes.local.yaml")).toContain("provider: echo");
});

test.each([
  [["--base-url", "foo"], /^--base-url: base_url is not a URL\. No routes\.local\.yaml was made\.$/],
  [["--base-url", "http://llm.example/v1"], /^--base-url: base_url is http/],
  [["--base-url", "https://llm.example/v1", "--key-name", "sk-abc"], /^--key-name: /],
])("a model that would not compile is refused, and nothing is written: %j", async (flags, line) => {
  stage.write(".dev.vars", envLines(stage.tokens));
  const before = stage.read(".dev.vars");
  await expect(stage.run(["--yes", "--model", "m", ...flags])).rejects.toThrow(line);
  expect(existsSync(join(stage.folder, "routes.local.yaml"))).toBe(false);
  expect(stage.read(".dev.vars")).toBe(before);
});

test("a token that its platform refuses is not stored, and the right one is taken next time", async () => {
  stage.write("routes.local.yaml", OWN_ROUTES);
  const { TELEGRAM_BOT_TOKEN = "", TELEGRAM_API_BASE = "", DISCORD_API_BASE = "" } = stage.tokens;
  const wrong = { TELEGRAM_BOT_TOKEN: `${TELEGRAM_BOT_TOKEN}x`, DISCORD_BOT_TOKEN: "wrong" };
  const env = { TELEGRAM_API_BASE, DISCORD_API_BASE, ...wrong };
  const first = await stage.run([], { env });
  expect(first.ok).toBe(false);
  expect(first.out).toMatch(
    /^error .*Telegram: it refuses TELEGRAM_BOT_TOKEN \(getMe: 401.*not stored → .*@BotFather/m,
  );
  expect(first.out).toMatch(/^error .*Discord: it refuses DISCORD_BOT_TOKEN \(.*401.*not stored → /m);
  expect(existsSync(join(stage.folder, ".dev.vars"))).toBe(false);
  const second = await stage.run([], { env: { TELEGRAM_API_BASE, TELEGRAM_BOT_TOKEN } });
  expect(second.out).toMatch(/^changed .*Telegram: webhook/m);
  expect(stage.read(".dev.vars")).toContain(`TELEGRAM_BOT_TOKEN=${TELEGRAM_BOT_TOKEN}\n`);

  const third = await stage.run([], { env: { ...env, TELEGRAM_API_BASE: "" } });
  expect(third.out).toMatch(
    /^to do .*TELEGRAM_BOT_TOKEN is another in the environment than in \.dev\.vars, and the file's is used → /m,
  );
});

test("an endpoint whose address looks cut short is something to look at", async () => {
  stage.write(".dev.vars", envLines(stage.tokens));
  const { out } = await stage.run(["--model", "m", "--base-url", "https://llm.example"]);
  expect(out).toMatch(/^to do .*base_url, which usually ends in \/v1 → see routes.local.yaml/m);
  expect(stage.read("routes.local.yaml")).toContain("base_url: https://llm.example");
});

test("the demo's routes are told as such, and nobody gets the commands of their owner", async () => {
  stage.write("routes.yaml", readFileSync(join(import.meta.dirname, "../fixtures/shipped.yaml"), "utf8"));
  stage.write(".dev.vars", envLines(stage.tokens));
  const { out } = await stage.run();
  expect(out).toMatch(
    /^to do .*the demo's routes are active \(routes.yaml\): they name no owner, .* → .*--model/m,
  );
  const { commands } = stage.cast.telegram.registration;
  expect([...commands.keys()].map((scope) => JSON.parse(scope).type)).toEqual([
    "default",
    "all_private_chats",
    "all_group_chats",
  ]);
});
