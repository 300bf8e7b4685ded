import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Env } from "../../src/env.ts";
import { resolve, resolveUsable } from "../../src/routing/resolve.ts";
import type { CompiledRoutes, Override } from "../../src/routing/types.ts";
import { loadText } from "../../tools/routes/load.ts";

function routes(yaml: string): CompiledRoutes {
  const { compiled, findings } = loadText(yaml, "routes.yaml");
  if (compiled === null) throw new Error(JSON.stringify(findings));
  return compiled;
}

const CONFIG = `
model:
  default: base-model
  base_url: https://base.example/v1
  api_key: \${BASE_KEY}
  headers: { X-Base: "\${BASE_HEADER}" }
  temperature: 0.5
  fallbacks: [{ model: base-spare }]
  routes:
    - match: { platform: telegram }
      model: tg-model
      base_url: https://tg.example/v1
      api_key: \${TG_KEY}
      headers: { x-tg: "1" }
      max_tokens: 100
      system_prompt: Telegram's.
      fallbacks: [{ model: tg-spare, base_url: "https://spare.example/v1", api_key: "\${SPARE_KEY}" }]
    - match: { platform: discord }
      model: dc-model
    - match: { platform: hub }
      provider: anthropic
      model: claude
      api_key: \${ANTHROPIC_KEY}
    - match: { platform: cron }
      provider: echo
      model: parrot
models:
  fast: small-model
  strong: { model: big-model, base_url: "https://strong.example/v1", api_key: "\${STRONG_KEY}" }
  keyless: { model: keyless-model, base_url: "https://keyless.example/v1" }
  cool: { model: cool-model, temperature: 0 }
  twin-a: { model: twin, base_url: "https://a.example/v1", api_key: "\${A_KEY}" }
  twin-b: { model: twin, base_url: "https://b.example/v1", api_key: "\${B_KEY}" }
system_prompt: Everyone's.
`;
const compiled = routes(CONFIG);
const telegram = { platform: "telegram" };
const bundle = (context: Parameters<typeof resolve>[1], override: Override | null = null) =>
  resolve(compiled, context, override).bundle;

describe("route over base", () => {
  test("a field that the route does not set is base's", () => {
    const { bundle: found, fields } = resolve(compiled, { platform: "discord" }, null);
    expect(found).toEqual({
      model: "dc-model",
      provider: "custom",
      base_url: "https://base.example/v1",
      api_key: "${BASE_KEY}",
      api_mode: "chat_completions",
      headers: { "x-base": "${BASE_HEADER}" },
      params: { temperature: 0.5 },
    });
    expect(fields).toMatchObject({ model: "route", base_url: "base", api_key: "base", headers: "base" });
  });

  test("base's headers do not follow to another endpoint, sampling does", () => {
    const { bundle: found, fields } = resolve(compiled, telegram, null);
    expect(found.headers).toEqual({ "x-tg": "1" });
    expect(found.params).toEqual({ temperature: 0.5, max_tokens: 100 });
    expect(fields).toMatchObject({ headers: "route", params: "route" });
    expect(bundle({ platform: "hub" }).headers).toBeUndefined();
  });

  test("another provider brings its URL and its protocol", () => {
    expect(resolve(compiled, { platform: "hub" }, null)).toMatchObject({
      bundle: {
        provider: "anthropic",
        base_url: "https://api.anthropic.com/v1",
        api_key: "${ANTHROPIC_KEY}",
        api_mode: "anthropic_messages",
      },
      fields: { base_url: "route", api_mode: "route" },
    });
  });

  test("a provider that calls no endpoint has no URL and no key", () => {
    expect(bundle({ platform: "cron" })).toMatchObject({ provider: "echo", base_url: null, api_key: null });
  });

  test("a base_url over provider echo means an endpoint", () => {
    const shipped = routes(`
model:
  default: parrot
  provider: echo
  routes:
    - { match: { platform: telegram }, model: real, base_url: "https://x.example/v1", api_key: "\${X}" }
`);
    expect(resolve(shipped, telegram, null).bundle).toMatchObject({
      provider: "custom",
      base_url: "https://x.example/v1",
      api_key: "${X}",
    });
  });

  test("the same provider again keeps the model block's own URL", () => {
    const proxied = routes(`
model:
  default: gpt
  provider: openai
  base_url: https://proxy.example/v1
  api_key: \${PROXY_KEY}
  routes: [{ match: { platform: telegram }, provider: openai, model: gpt-mini }]
`);
    expect(resolve(proxied, telegram, null).bundle).toMatchObject({
      model: "gpt-mini",
      base_url: "https://proxy.example/v1",
      api_key: "${PROXY_KEY}",
    });
  });

  test("prompt and fallbacks are the route's, else everyone's", () => {
    const routed = resolve(compiled, telegram, null);
    expect(routed.system_prompt).toBe("Telegram's.");
    expect(routed.fallbacks).toMatchObject([
      { base_url: "https://spare.example/v1", api_key: "${SPARE_KEY}" },
    ]);
    const based = resolve(compiled, { platform: "discord" }, null);
    expect(based.system_prompt).toBe("Everyone's.");
    expect(based.fallbacks).toMatchObject([{ model: "base-spare", api_key: "${BASE_KEY}" }]);
  });
});

describe("override over route", () => {
  test("a model alone keeps the route's endpoint", () => {
    expect(bundle(telegram, { model: "turbo" })).toMatchObject({
      model: "turbo",
      base_url: "https://tg.example/v1",
      api_key: "${TG_KEY}",
    });
  });

  test("a short name for a model is that model at the route's endpoint", () => {
    const { bundle: found, fields } = resolve(compiled, telegram, { model: "fast" });
    expect(found).toMatchObject({
      model: "small-model",
      base_url: "https://tg.example/v1",
      api_key: "${TG_KEY}",
    });
    expect(fields).toMatchObject({ model: "override", base_url: "route" });
    expect(bundle(telegram, { model: "cool" })).toMatchObject({
      base_url: "https://tg.example/v1",
      params: { temperature: 0, max_tokens: 100 },
    });
  });

  test.each([
    ["by short name", { model: "strong" }],
    ["by model id", { model: "big-model" }],
    ["by model id and URL", { model: "big-model", base_url: "https://strong.example/v1/" }],
    [
      "by short name, whatever URL was stored with it",
      { model: "strong", base_url: "https://old.example/v1" },
    ],
  ])("a bundle of models is taken whole, %s", (_, override) => {
    const { bundle: found, fields, route } = resolve(compiled, telegram, override);
    expect(found).toEqual({
      model: "big-model",
      provider: "custom",
      base_url: "https://strong.example/v1",
      api_key: "${STRONG_KEY}",
      api_mode: "chat_completions",
      params: { temperature: 0.5 },
    });
    expect(fields).toMatchObject({ model: "override", base_url: "override", api_key: "override" });
    expect(route?.index).toBe(0);
  });

  test("what a bundle does not set is base's, never the route's", () => {
    expect(bundle(telegram, { model: "keyless" })).toMatchObject({
      base_url: "https://keyless.example/v1",
      api_key: "${BASE_KEY}",
    });
  });

  test("a model id of two bundles is told apart by its URL, and without one names neither", () => {
    expect(bundle(telegram, { model: "twin", base_url: "https://b.example/v1" }).api_key).toBe("${B_KEY}");
    expect(bundle(telegram, { model: "twin" })).toMatchObject({ model: "twin", api_key: "${TG_KEY}" });
  });

  test("a URL that is configured somewhere comes with its own key", () => {
    expect(bundle(telegram, { model: "other", base_url: "https://base.example/v1" })).toMatchObject({
      model: "other",
      base_url: "https://base.example/v1",
      api_key: "${BASE_KEY}",
      headers: { "x-base": "${BASE_HEADER}" },
    });
    expect(bundle(telegram, { model: "other", base_url: "https://strong.example/v1" }).api_key).toBe(
      "${STRONG_KEY}",
    );
  });

  test("a URL that nobody configured gets no key and no headers", () => {
    const { bundle: found, fields } = resolve(compiled, telegram, {
      model: "x",
      base_url: "https://evil.example/v1",
    });
    expect(found).toMatchObject({ model: "x", base_url: "https://evil.example/v1", api_key: null });
    expect(found.headers).toBeUndefined();
    expect(fields.api_key).toBe("override");
  });

  test("a provider that nobody configured gets its own URL and no key", () => {
    expect(bundle(telegram, { model: "x", provider: "openrouter" })).toMatchObject({
      provider: "openrouter",
      base_url: "https://openrouter.ai/api/v1",
      api_key: null,
    });
  });

  test("empty and unknown values say nothing", () => {
    const nothing = { model: "", provider: null, base_url: "", api_mode: "telepathy" };
    expect(resolve(compiled, telegram, nothing)).toEqual(resolve(compiled, telegram, null));
    expect(bundle(telegram, { model: "__proto__" })).toMatchObject({
      model: "__proto__",
      api_key: "${TG_KEY}",
    });
  });

  test("no key is ever sent to an endpoint that it is not configured for", () => {
    const pairs = new Map([
      ["https://base.example/v1", "${BASE_KEY}"],
      ["https://tg.example/v1", "${TG_KEY}"],
      ["https://api.anthropic.com/v1", "${ANTHROPIC_KEY}"],
      ["https://strong.example/v1", "${STRONG_KEY}"],
      // Inherited, as Hermes does, and warned about.
      ["https://keyless.example/v1", "${BASE_KEY}"],
      ["https://a.example/v1", "${A_KEY}"],
      ["https://b.example/v1", "${B_KEY}"],
    ]);
    const orNothing = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
    const override = fc.record({
      model: orNothing(
        fc.constantFrom("fast", "strong", "keyless", "cool", "twin", "big-model", "claude", "x", ""),
      ),
      provider: orNothing(fc.constantFrom("custom", "openai", "anthropic", "echo", "nonsense")),
      base_url: orNothing(fc.constantFrom(...pairs.keys(), "https://evil.example/v1", "")),
      api_mode: orNothing(fc.constantFrom("responses", "anthropic_messages")),
    });
    const platform = fc.constantFrom("telegram", "discord", "hub", "cron", "cli");
    fc.assert(
      fc.property(platform, override, (on, given) => {
        const { base_url, api_key, headers } = bundle({ platform: on }, given);
        if (api_key !== null) expect(pairs.get(base_url ?? "")).toBe(api_key);
        if (headers?.["x-base"]) expect(base_url).toBe("https://base.example/v1");
        if (headers?.["x-tg"]) expect(base_url).toBe("https://tg.example/v1");
      }),
      { numRuns: 2000 },
    );
  });
});

describe("secrets that are not set", () => {
  const env = (...names: string[]): Env =>
    Object.fromEntries(names.map((name) => [name, "value"])) as unknown as Env;

  test("all there: nothing is skipped", () => {
    const found = resolveUsable(compiled, telegram, null, env("TG_KEY"));
    expect(found).toMatchObject({ bundle: { model: "tg-model" }, skipped: [] });
  });

  test("the route's is missing: base, with the route's prompt, and it says so", () => {
    const found = resolveUsable(compiled, telegram, null, env("BASE_KEY", "BASE_HEADER"));
    expect(found).toMatchObject({
      bundle: { model: "base-model", base_url: "https://base.example/v1", api_key: "${BASE_KEY}" },
      route: null,
      system_prompt: "Telegram's.",
      skipped: [{ layer: "route", route: { from: "routes", index: 0 }, missing: ["TG_KEY"] }],
    });
  });

  test("the override's is missing: the route", () => {
    const found = resolveUsable(compiled, telegram, { model: "strong" }, env("TG_KEY"));
    expect(found).toMatchObject({
      bundle: { model: "tg-model" },
      route: { index: 0 },
      skipped: [{ layer: "override", missing: ["STRONG_KEY"] }],
    });
  });

  test("both are missing: base", () => {
    const found = resolveUsable(compiled, telegram, { model: "strong" }, env("BASE_KEY", "BASE_HEADER"));
    expect(found.bundle.model).toBe("base-model");
    expect(found.skipped.map(({ layer }) => layer)).toEqual(["override", "route"]);
  });

  test("an override that needs nothing of the route works without it", () => {
    const found = resolveUsable(compiled, telegram, { model: "strong" }, env("STRONG_KEY"));
    expect(found).toMatchObject({ bundle: { model: "big-model" }, skipped: [] });
  });

  test("headers need their secrets too", () => {
    const found = resolveUsable(compiled, { platform: "discord" }, null, env("BASE_KEY"));
    expect(found.skipped).toMatchObject([{ layer: "route", missing: ["BASE_HEADER"] }]);
  });

  test("echo needs none", () => {
    expect(resolveUsable(compiled, { platform: "cron" }, null, env()).skipped).toEqual([]);
  });
});
