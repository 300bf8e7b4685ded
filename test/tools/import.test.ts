import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadText } from "../../tools/routes/load.ts";
import { fixture, run, temporary } from "./run.ts";

/** A Hermes home of its own, made of a fixture; imports it into a folder of its own. */
function imported(name: string) {
  const home = mkdtempSync(join(tmpdir(), "talaria-hermes-"));
  mkdirSync(join(home, "cron"));
  const put = (from: string, to: string) => {
    const file = join(fixture("hermes"), name, from);
    if (existsSync(file)) copyFileSync(file, join(home, to));
  };
  put("config.yaml", "config.yaml");
  put("env", ".env");
  put("jobs.json", "cron/jobs.json");
  const { code, out, err } = run("import", [join(home, "config.yaml")], { cwd: home });
  expect([code, err]).toEqual([0, ""]);
  const text = readFileSync(join(home, "routes.local.yaml"), "utf8");
  const { compiled } = loadText(text, "f");
  return { home, out, text, compiled };
}

test.each(["openrouter", "proxy", "local"])("%s: check is clean on what is made of it", (name) => {
  const { home, out, text } = imported(name);
  const checked = run("check", ["--strict"], { cwd: home });
  // What its jobs will do is no finding.
  expect(checked.out.replace(/^job .*\n/gm, "")).toBe("");
  expect(checked.err).toContain("routes.local.yaml: 0 errors, 0 warnings");
  for (const secret of ["not-a-real", "1234567890:"]) {
    expect(text).not.toContain(secret);
    expect(out).not.toContain(secret);
  }
});

test("the installer's config: model, owners, home, personalities, prompt, what is left and the secrets", () => {
  const { out, compiled } = imported("openrouter");
  expect(compiled).toMatchObject({
    base: {
      model: "anthropic/claude-opus-5",
      provider: "openrouter",
      base_url: "https://openrouter.ai/api/v1",
      api_key: "${OPENROUTER_API_KEY}",
      params: { reasoning_effort: "medium" },
      context: 131_072,
    },
    owners: { telegram: ["482913377", "99120077"] },
    homes: { telegram: "482913377" },
    personalities: {
      kawaii: expect.stringContaining("kawaii"),
      "code-reviewer": "Review code strictly.\ndry",
    },
    system_prompt: "You are Iris, Ann's assistant.\nBe brief.",
    busy: "interrupt",
    memory: true,
    compression: { at_tokens: 65_536 },
    reset: { idle_ms: 86_400_000, daily: { at_minutes: 240, timezone: "UTC" } },
    cron: { jobs: [{ name: "morning-brief", schedule: "0 7 * * *", deliver: "home" }] },
  });
  expect(out).toContain("  OPENROUTER_API_KEY\n  TELEGRAM_BOT_TOKEN\n  TELEGRAM_WEBHOOK_SECRET\n");
  for (const left of [
    "memory.memory_char_limit",
    "the zone of session_reset",
    "compression.protect_last_n",
    "the time zone of the cron jobs",
    "agent.max_turns",
  ]) {
    expect(out).toMatch(new RegExp(`^  ${left}: \\w`, "m"));
  }
});

test("a proxy of one's own: its key and headers, every kind of route in Hermes's order, fallbacks", () => {
  const { out, compiled } = imported("proxy");
  expect(compiled?.base).toMatchObject({
    provider: "custom",
    base_url: "https://llm.example/v1",
    api_key: "${MY_PROXY_API_KEY}",
    headers: { "cf-access-client-id": "abc.access", "cf-access-client-secret": "${CF_ACCESS_CLIENT_SECRET}" },
  });
  expect(compiled?.base_fallbacks?.map(({ provider, api_key }) => [provider, api_key])).toEqual([
    ["openai", "${OPENAI_API_KEY}"],
    ["anthropic", "${SPARE_KEY}"],
  ]);
  expect(compiled?.rules.map(({ name, set }) => [name, set.model, set.base_url, set.api_key])).toEqual([
    ["me", "claude-opus-5", undefined, undefined],
    [undefined, "claude-haiku-4-5", undefined, undefined],
    [undefined, "glm-5", "https://api.z.ai/api/paas/v4", "${GLM_API_KEY}"],
    ["peers", "claude-haiku-4-5", "https://peers.example/v1", "${PEERS_KEY}"],
    [undefined, "claude-haiku-4-5", undefined, undefined],
  ]);
  expect(compiled?.models).toMatchObject({ fast: { model: "claude-haiku-4-5" }, deep: { model: "glm-5" } });
  expect(compiled?.owners).toEqual({ telegram: ["482913377"], discord: ["1417636184355766305"] });
  expect(compiled?.homes).toEqual({ telegram: "-1001234567890" });
  expect(compiled?.groups).toMatchObject({ require_mention: true, free_chats: ["-1001234567891"] });
  expect(out).toContain("model.platforms.slack: this gateway has no platform slack\n");
  expect(out).toContain("model.by_source.owner: Hermes skips it too");
  expect(compiled?.access).toMatchObject({ strangers: "ignore", allowed: { telegram: ["99120077"] } });
});

test("a model on this machine, a literal key, a provider that Hermes logs in to, and everybody answered", () => {
  const { out, compiled } = imported("local");
  expect(compiled?.base).toMatchObject({
    base_url: "http://localhost:11434/v1",
    api_key: null,
    images: false,
  });
  expect(compiled?.rules.map(({ set }) => [set.base_url, set.api_key])).toEqual([
    ["https://cheap.example/v1", "${CHEAP_EXAMPLE_KEY}"],
    ["${INFERENCE_BASE_URL}", "${INFERENCE_KEY}"],
  ]);
  expect(compiled?.access.strangers).toBe("answer");
  expect(out).toContain(
    "a literal api_key: it would be bundled into the Worker; set it as CHEAP_EXAMPLE_KEY\n",
  );
  expect(out).toContain("provider nous: Hermes logs in there");
});

/** Imports a config of this text, with this env file. */
function importedText(config: string, env = "") {
  const path = temporary(config, "config.yaml");
  writeFileSync(join(dirname(path), ".env"), env);
  const out = join(dirname(path), "routes.local.yaml");
  const found = run("import", [path, "--out", out]);
  expect([found.code, found.err]).toEqual([0, ""]);
  return { out: found.out, written: parse(readFileSync(out, "utf8")) };
}

const LLM = "model: { default: m, base_url: https://llm.example/v1, key_env: LLM_KEY }\n";

test.each([
  [
    "openai",
    "stt: { provider: openai, openai: { model: gpt-4o-transcribe } }",
    "VOICE_TOOLS_OPENAI_KEY=x",
    { provider: "openai", api_key: "${VOICE_TOOLS_OPENAI_KEY}", model: "gpt-4o-transcribe" },
  ],
  [
    "groq",
    "stt: { enabled: true, provider: groq }",
    "GROQ_API_KEY=x",
    {
      base_url: "https://api.groq.com/openai/v1",
      api_key: "${GROQ_API_KEY}",
      model: "whisper-large-v3-turbo",
    },
  ],
  [
    "a server of one's own",
    "stt: { provider: openai }",
    "STT_OPENAI_BASE_URL=https://stt.example/v1\nOPENAI_API_KEY=x",
    { base_url: "https://stt.example/v1", api_key: "${OPENAI_API_KEY}", model: "whisper-1" },
  ],
])("voice to text by %s is carried over, with its secret", (_, stt, env, transcription) => {
  const { out, written } = importedText(`${LLM}${stt}\n`, env);
  expect(written.transcription).toEqual(transcription);
  expect(out).toContain(`\n  ${transcription.api_key.replace(/\W/g, "")}\n`);
  expect(out).not.toContain("stt:");
});

test("voice to text on Hermes's own machine is not, and the key for it is named", () => {
  const { out, written } = importedText(`${LLM}stt: { enabled: true }\n`);
  expect(written.transcription).toBeUndefined();
  expect(out).toContain("  stt: transcription: takes an endpoint or workers-ai");
  expect(importedText(`${LLM}stt: { enabled: false }\n`).out).not.toContain("stt:");
});

test("providers that nothing names and settings of a platform without a like are told", () => {
  const { out } = importedText(
    `${LLM}custom_providers:
  - { base_url: https://a.example/v1 }
  - { name: spare, base_url: https://b.example/v1 }
  - { name: used, base_url: https://c.example/v1 }
fallback_model: { provider: used, model: f }
telegram: { require_mention: true, reactions: true }
discord: { require_mention: true }
`,
  );
  expect(out).toContain("  custom_providers[0]: it has no name");
  expect(out).toContain("  custom_providers[1] (spare): nothing in the config names it");
  expect(out).not.toContain("custom_providers[2]");
  expect(out).toContain("  discord.require_mention: groups: is for Telegram");
  expect(out).toContain("  telegram.reactions: ");
  expect(out).not.toContain("telegram.require_mention");
});

test("the last line says what comes next", () => {
  expect(importedText(LLM).out.trimEnd().split("\n").at(-1)).toMatch(/^Next: npm run connect /);
});

test("a routes file that is there is replaced only with --force", () => {
  const { home } = imported("local");
  const out = join(home, "routes.local.yaml");
  writeFileSync(out, "mine\n");
  const again = run("import", [join(home, "config.yaml"), "--out", out]);
  expect(again).toMatchObject({ code: 1, err: `${out} is there already; --force replaces it\n` });
  expect(readFileSync(out, "utf8")).toBe("mine\n");
  expect(run("import", [join(home, "config.yaml"), "--out", out, "--force"]).code).toBe(0);
  expect(readFileSync(out, "utf8")).toContain("model:");
});

test.each([
  ["nothing", [], /^usage: npm run import/],
  ["a file that is not there", ["nowhere.yaml"], /^nowhere\.yaml cannot be read \(ENOENT\)\n$/],
  ["what is no config", [temporary("a: 1\n", "config.yaml")], /is no Hermes config: it has no `model:`\n$/],
  ["what is no YAML", [temporary("model: [\n", "config.yaml")], /config\.yaml:\d+:\d+ /],
])("%s is refused with a line", (_, args, line) => {
  const { code, err } = run("import", args);
  expect(code).toBe(1);
  expect(err).toMatch(line);
});
