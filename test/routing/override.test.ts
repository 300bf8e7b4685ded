import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolve } from "../../src/routing/resolve.ts";
import { bundle, compiled, routes, telegram } from "./setup.ts";

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

  test("another provider at the same URL gets neither key nor headers, and no layer is said to give them", () => {
    const proxied = routes(`
model: { default: m, base_url: "https://api.openai.com/v1", api_key: "\${K}", headers: { x-org: mine } }
`);
    const { bundle: found, fields } = resolve(proxied, telegram, { model: "x", provider: "openai" });
    expect(found).toMatchObject({ provider: "openai", api_key: null });
    expect(found).not.toHaveProperty("headers");
    expect(fields).not.toHaveProperty("headers");
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
