import { describe, expect, test } from "vitest";
import type { Variables } from "../../src/env.ts";
import { resolve, resolveUsable } from "../../src/routing/resolve.ts";
import { bundle, compiled, routes, telegram } from "./setup.ts";

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

describe("whether a model is shown pictures", () => {
  const pictured = routes(`
model:
  default: blind
  base_url: https://base.example/v1
  api_key: \${BASE_KEY}
  images: false
  fallbacks: [{ model: blind, temperature: 0 }, { model: other }, { model: seer, images: true }]
  routes:
    - match: { platform: telegram }
      model: other
    - match: { platform: discord }
      model: seer
      images: true
    - match: { platform: cli }
      model: blind
      temperature: 0
    - match: { platform: hub }
      split: { looker: 1 }
models: { looker: { model: looking, images: true }, plain: unsaid }
`);
  const images = (platform: string | null, model?: string, session: string | null = null) => {
    const override = model === undefined ? null : { model };
    const { bundle: found, fields } = resolve(pictured, platform ? { platform } : null, override, session);
    return [found.model, found.images, fields.images];
  };

  test.each<[string, unknown[], unknown[]]>([
    ["base's own", images(null), ["blind", false, "base"]],
    ["another model's is not known from base's", images("telegram"), ["other", undefined, undefined]],
    ["a route's own", images("discord"), ["seer", true, "route"]],
    ["the same model again keeps it", images("cli"), ["blind", false, "base"]],
    ["an override to another model drops it", images("discord", "plain"), ["unsaid", undefined, undefined]],
    ["an override to the same model keeps it", images("discord", "seer"), ["seer", true, "route"]],
    ["an override that says it", images("telegram", "looker"), ["looking", true, "override"]],
    ["a side of a split", images("hub", undefined, "s"), ["looking", true, "route"]],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  test("fallbacks are told apart alike", () => {
    expect(resolve(pictured, null, null).fallbacks.map((each) => each.images)).toEqual([
      false,
      undefined,
      true,
    ]);
  });
});

describe("whether the user is told of a fallback", () => {
  const telling = routes(`
model:
  default: m
  provider: echo
  tell_fallback: true
  routes: [{ match: { platform: hub }, tell_fallback: false }, { match: { platform: cli }, model: n }]
`);

  test("as the route says, else the model block, else not", () => {
    expect(resolve(telling, null, null).tell_fallback).toBe(true);
    expect(resolve(telling, { platform: "cli" }, null).tell_fallback).toBe(true);
    expect(resolve(telling, { platform: "hub" }, null).tell_fallback).toBe(false);
    expect(resolve(compiled, telegram, null).tell_fallback).toBe(false);
  });
});

describe("secrets that are not set", () => {
  const env = (...names: string[]): Variables => Object.fromEntries(names.map((name) => [name, "value"]));

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

  test("the route's is missing, and it has fallbacks: those that can be used, and base behind them", () => {
    const found = resolveUsable(
      routes(`
model:
  default: base-model
  base_url: https://base.example/v1
  api_key: \${BASE_KEY}
  routes:
    - match: { platform: telegram }
      model: keyless
      api_key: \${NOT_SET}
      tell_fallback: true
      fallbacks:
        - { model: second, base_url: "https://second.example/v1", api_key: "\${NOT_SET_EITHER}" }
        - { model: third, base_url: "https://third.example/v1", api_key: "\${THIRD_KEY}" }
`),
      telegram,
      null,
      env("BASE_KEY", "THIRD_KEY"),
    );
    expect(found).toMatchObject({
      bundle: { model: "third", api_key: "${THIRD_KEY}" },
      route: { from: "routes", index: 0 },
      fallbacks: [{ model: "base-model", api_key: "${BASE_KEY}" }],
      tell_fallback: true,
      skipped: [{ layer: "route", missing: ["NOT_SET"] }],
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

  test("base lacks one too, for its headers: there is nothing to give way to, and the route stays", () => {
    const found = resolveUsable(compiled, telegram, null, env("BASE_KEY"));
    expect(found).toMatchObject({ bundle: { model: "tg-model" }, skipped: [] });
  });

  test("echo needs none", () => {
    expect(resolveUsable(compiled, { platform: "cron" }, null, env()).skipped).toEqual([]);
  });
});
