import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { resolve } from "../../src/routing/resolve.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { loadText } from "../../tools/routes/load.ts";
import { moduleText } from "../../tools/routes/module.ts";
import { fixture, run, temporary } from "./run.ts";

/** A directory for the output, with nothing in it. */
const output = (): string => join(dirname(temporary("", "keep")), "out", "routes.js");

async function importRoutes(file: string): Promise<CompiledRoutes> {
  const module: { default: CompiledRoutes } = await import(pathToFileURL(file).href);
  return module.default;
}

test("what the Worker imports answers as the file says", async () => {
  const out = output();
  const env = { ROUTES_FILE: fixture("contract.yaml"), ROUTES_OUT: out };
  expect(run("compile", [], { env })).toMatchObject({ code: 0, out: "" });
  const routes = await importRoutes(out);
  expect(routes.hash).toMatch(/^[0-9a-f]{12}$/);
  expect(routes).toMatchObject({
    owners: { telegram: ["42"], discord: ["1417636184355766305"] },
    homes: { telegram: "42" },
    access: { strangers: "ignore", hub_peers: "answer", commands: { model: ["owner"] } },
    models: { fast: { model: "claude-haiku-4-5" }, strong: { model: "claude-opus-5" } },
    system_prompt: "You are …",
    history_tokens: 8000,
  });
  const owner = resolve(routes, { platform: "discord", source_kind: "owner" }, null);
  expect(owner).toMatchObject({ bundle: { model: "claude-opus-5", api_key: "${OWNER_KEY}" } });
});

test("the same content compiles to the same module, which is then not written again", () => {
  const out = output();
  const env = { ROUTES_FILE: fixture("contract.yaml"), ROUTES_OUT: out };
  run("compile", [], { env });
  const first = statSync(out).ino;
  run("compile", [], { env });
  expect(statSync(out).ino).toBe(first);
  expect(readdirSync(dirname(out))).toEqual([
    "commands.js",
    "features.js",
    "parts.js",
    "platforms.js",
    "routes.js",
  ]);
});

test("an error leaves the last good module where it is", () => {
  const out = output();
  run("compile", [], { env: { ROUTES_FILE: fixture("contract.yaml"), ROUTES_OUT: out } });
  const good = readFileSync(out, "utf8");
  const bad = temporary("model: { defualt: x }\n");
  const found = run("compile", [], { env: { ROUTES_FILE: bad, ROUTES_OUT: out } });
  expect(found.code).toBe(1);
  expect(found.err).toContain(`${bad}:1:10 error unknown key "defualt"; did you mean "default"?`);
  expect(readFileSync(out, "utf8")).toBe(good);
});

test("any text survives the module, and none can leave it", async () => {
  const text = `'"\\ \${X} </script><!-- \u2028\u2029\n\\u0041 \u0000 😀`;
  const { compiled } = loadText(
    `model: { default: m, provider: echo, routes: [{ match: { chat_id: ${JSON.stringify(text)} }, model: found }] }\nsystem_prompt: ${JSON.stringify(text)}`,
    "f",
  );
  if (compiled === null) throw new Error("does not compile");
  const source = moduleText(compiled);
  expect(source).not.toMatch(/<\/script|<!--|[\u2028\u2029]/);
  const routes = await importRoutes(temporary(source, "routes.mjs"));
  expect(routes).toEqual(compiled);
  expect(resolve(routes, { chat_id: text }, null).bundle.model).toBe("found");
});

test("every setting arrives, in the Worker's words", () => {
  const { compiled } = loadText(
    `
model:
  model: gpt
  provider: openai
  api_key: \${OPENAI_KEY}
  api_mode: codex_responses
  headers: { X-Title: Talaria }
  temperature: 0
  max_tokens: 500
  reasoning_effort: low
  images: false
  tell_fallback: true
  timeouts: { first_token: 1.5, idle: 20, total: 300 }
  routes:
    - match: { platform: telegram }
      system_prompt: Short.
      timeouts: { total: 60 }
      tell_fallback: false
      split: { quick: 9, gpt: 1 }
      fallbacks: [{ model: spare, base_url: "http://127.0.0.1:9/v1", top_p: 1, images: true }]
models: { quick: { model: mini, images: true } }
prices: { gpt: { input: 3, output: 15, cached: 0.3 } }
history_tokens: 100
system_prompt: Long.
`,
    "f",
  );
  expect(compiled).toMatchObject({
    base: {
      model: "gpt",
      provider: "openai",
      base_url: "https://api.openai.com/v1",
      api_key: "${OPENAI_KEY}",
      api_mode: "responses",
      headers: { "x-title": "Talaria" },
      params: { temperature: 0, max_tokens: 500, reasoning_effort: "low" },
      timeouts: { first_token_ms: 1500, idle_ms: 20_000, total_ms: 300_000 },
      images: false,
    },
    base_tell_fallback: true,
    models: { quick: { model: "mini", images: true } },
    prices: { gpt: { input: 3, output: 15, cached: 0.3 } },
    system_prompt: "Long.",
    history_tokens: 100,
  });
  if (compiled === null) throw new Error("does not compile");
  const routed = resolve(compiled, { platform: "telegram" }, null);
  expect(routed.system_prompt).toBe("Short.");
  expect(routed.tell_fallback).toBe(false);
  expect(compiled.rules[0]?.split).toEqual([
    { name: "quick", weight: 9 },
    { name: "gpt", weight: 1 },
  ]);
  expect(routed.bundle.timeouts).toEqual({ first_token_ms: 1500, idle_ms: 20_000, total_ms: 60_000 });
  expect(routed.fallbacks).toEqual([
    {
      model: "spare",
      provider: "openai",
      base_url: "http://127.0.0.1:9/v1",
      api_key: null,
      api_mode: "responses",
      params: { temperature: 0, max_tokens: 500, reasoning_effort: "low", top_p: 1 },
      timeouts: { first_token_ms: 1500, idle_ms: 20_000, total_ms: 300_000 },
      images: true,
    },
  ]);
});

test("strangers are ignored unless the file says otherwise", () => {
  expect(loadText("model: m", "f").compiled?.access).toEqual({
    strangers: "ignore",
    hub_peers: "answer",
    commands: {},
  });
});

test("lists that unfold to too many combinations are refused", () => {
  const list = `[${Array.from({ length: 400 }, (_, at) => `"${at}"`).join(", ")}]`;
  const { findings } = loadText(
    `model: { default: m, provider: echo, routes: [{ match: { user_id: ${list}, chat_id: ${list} } }] }`,
    "f",
  );
  expect(findings).toMatchObject([{ level: "error", line: 1, col: 56 }]);
});
