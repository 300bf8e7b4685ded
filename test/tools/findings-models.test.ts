import { describe, expect, test } from "vitest";
import { loadText } from "../../tools/routes/load.ts";
import { check, MODEL, routes } from "./findings.ts";

const MODELS = "models: { fast: small-1, strong: { model: big-1 } }";
const split = (shares: string): string[] =>
  check(routes("    - match: { platform: hub }", `      split: ${shares}`, MODELS));

describe("split", () => {
  test.each<[string, string, string[]]>([
    ["by short names", "{ fast: 90, strong: 10 }", []],
    ["a side that is switched off", "{ fast: 1, strong: 0 }", []],
    ["model ids, known or not", "{ small-1: 1, m: 1, gpt-9: 1 }", []],
    ["sides called like keys of the file", "{ model: 1, default: 2, match: 3 }", []],
    ["nothing said", "null", []],
    [
      "a mistyped short name",
      "{ fast: 90, strnog: 10 }",
      [
        '7:26 warning "strnog" is no short name of models, so it is taken as a model id; did you mean "strong"?',
      ],
    ],
    ["a weight below 0", "{ fast: -1, strong: 2 }", ["7:22 error fast is at least 0"]],
    ["half a weight", "{ fast: 0.5, strong: 1 }", ["7:22 error fast must be a whole number"]],
    ["a weight that is none", "{ fast: lots }", ["7:22 error fast must be a number, not a text"]],
    ["a weight out of all measure", "{ fast: 1000001 }", ["7:22 error fast is at most 1000000"]],
    ["only zeros", "{ fast: 0, strong: 0 }", ["7:14 error split needs a weight above 0"]],
    ["no sides", "{}", ["7:14 error split needs a weight above 0"]],
    ["a list", "[fast, strong]", ["7:14 error split must be an object, not a list"]],
    ["a side without a name", '{ " ": 1 }', ["7:16 error the name must not be empty"]],
  ])("%s", (_, shares, expected) => {
    expect(split(shares)).toEqual(expected);
  });

  test("a model that is priced, or asked for elsewhere, is no mistyped short name", () => {
    const lines = ["    - match: { platform: hub }", "      split: { fest: 1 }"];
    expect(check(routes(...lines, MODELS))).toHaveLength(1);
    expect(check(routes(...lines, MODELS, "prices: { fest: { input: 1, output: 1 } }"))).toEqual([]);
    const elsewhere = ["    - match: { platform: telegram }", "      model: fest"];
    expect(check(routes(...lines, ...elsewhere, MODELS))).toEqual([]);
  });

  test.each<[string, string, string]>([
    ["the model block", "model: { default: m, provider: echo, split: { a: 1 } }", "1:38"],
    ["models", `${MODEL}models: { x: { model: y, split: { a: 1 } } }`, "2:26"],
    [
      "a fallback",
      "model: { default: m, provider: echo, fallbacks: [{ model: n, split: { a: 1 } }] }",
      "1:62",
    ],
    ["the top", `${MODEL}split: { a: 1 }`, "2:1"],
  ])("on %s is told where it belongs", (_, yaml, place) => {
    expect(check(yaml)).toEqual([
      `${place} error split belongs on a route, or on an object of platforms or by_source`,
    ]);
  });

  test("shorthands may have one, and are checked alike", () => {
    expect(
      check(
        routes(
          "    - match: { platform: cli }",
          "  platforms: { hub: { split: { fats: 1 } } }",
          "  by_source: { cron: { split: { fast: 1.5 } } }",
          MODELS,
        ),
      ),
    ).toEqual([
      '7:32 warning "fats" is no short name of models, so it is taken as a model id; did you mean "fast"?',
      "8:39 error fast must be a whole number",
    ]);
  });
});

describe("prices", () => {
  const prices = (...lines: string[]): string[] => check([MODEL + MODELS, "prices:", ...lines].join("\n"));

  test("of models that the file names anywhere", () => {
    const yaml = `
model:
  default: in-base
  provider: echo
  fallbacks: [{ model: in-fallback }]
  routes:
    - match: { platform: hub }
      model: in-route
      fallbacks: [{ model: in-route-fallback }]
      split: { in-split: 1 }
  platforms: { discord: in-platform }
  by_source: { cron: { model: in-source } }
models: { short: in-models, bundle: { model: in-bundle } }
prices:
  in-base: { input: 3, output: 15, cached: 0.3 }
  in-fallback: { input: 0, output: 0, cached: null }
  in-route: { input: 1, output: 1 }
  in-route-fallback: { input: 1, output: 1 }
  in-split: { input: 1, output: 1 }
  in-platform: { input: 1, output: 1 }
  in-source: { input: 1, output: 1 }
  in-models: { input: 1, output: 1 }
  in-bundle: { input: 1, output: 1 }
`;
    expect(check(yaml)).toEqual([]);
    expect(loadText(yaml, "f").compiled?.prices).toMatchObject({
      "in-base": { input: 3, output: 15, cached: 0.3 },
      "in-fallback": { input: 0, output: 0 },
    });
  });

  test.each<[string, string, string[]]>([
    [
      "a model that is nowhere, with the nearest",
      "  smal-1: { input: 1, output: 1 }",
      ['4:3 warning no model of this file is called "smal-1"; did you mean "small-1"?'],
    ],
    [
      "a short name instead of its model",
      "  strong: { input: 1, output: 1 }",
      ['4:3 warning no model of this file is called "strong"; did you mean "big-1"?'],
    ],
    [
      "a model like none",
      "  zzzzzz: { input: 1, output: 1 }",
      ['4:3 warning no model of this file is called "zzzzzz"'],
    ],
    ["below 0", "  m: { input: -1, output: 1 }", ["4:15 error input is at least 0"]],
    [
      "incomplete, and misspelt",
      "  m: { input: 1, ouput: 1 }",
      ["4:6 error output is missing", '4:18 error unknown key "ouput"; did you mean "output"?'],
    ],
    ["only a number", "  m: 3", ["4:6 error m must be an object, not a number"]],
  ])("%s", (_, line, expected) => {
    expect(prices(line)).toEqual(expected);
  });

  test("of a short name is not taken for a model's because a split names it", () => {
    expect(
      check(
        routes(
          "    - match: { platform: hub }",
          "      split: { fast: 1 }",
          MODELS,
          "prices: { fast: { input: 1, output: 1 } }",
        ),
      ),
    ).toEqual(['9:11 warning no model of this file is called "fast"; did you mean "small-1"?']);
  });

  test("a broken one does not hide what is wrong with the others", () => {
    expect(prices("  m: { input: x, output: 1 }", "  smal-1: { input: 1, output: 1 }")).toEqual([
      "4:15 error input must be a number, not a text",
      '5:3 warning no model of this file is called "smal-1"; did you mean "small-1"?',
    ]);
  });
});

describe("sampling that the Messages API refuses", () => {
  const refused = (name: string): string =>
    `warning ${name} has no effect with anthropic_messages: its version 2026-10-21 does not have it`;

  test("is told wherever it is written for such a bundle, and nowhere else", () => {
    const yaml = `model:
  default: claude
  provider: anthropic
  api_key: \${K}
  temperature: 1
  max_tokens: 5
  fallbacks:
    - { model: c, top_k: 4 }
    - { model: g, provider: openai, api_key: "\${O}", top_k: 4 }
  routes:
    - match: { platform: hub }
      top_p: 0.5
    - { match: { platform: discord }, provider: openai, api_key: "\${O}", top_p: 0.5 }
  platforms: { cli: { top_k: 3 } }
  by_source: { cron: { provider: echo, top_k: 3 } }
models:
  hot: { model: c, temperature: 1 }
  own: { model: c, api_mode: chat_completions, temperature: 1 }
`;
    expect(check(yaml)).toEqual([
      `5:3 ${refused("temperature")}`,
      `8:19 ${refused("top_k")}`,
      `12:7 ${refused("top_p")}`,
      `14:23 ${refused("top_k")}`,
      `17:20 ${refused("temperature")}`,
    ]);
  });

  test("is nothing to tell about where no endpoint is called", () => {
    const yaml = "model: { default: m, provider: echo, api_mode: anthropic_messages, temperature: 1 }";
    expect(check(yaml)).toEqual([]);
  });

  test("is nothing to tell about where it is only inherited", () => {
    expect(
      check(
        "model: { default: m, base_url: https://b.example/v1, temperature: 1, api_key: '${K}', platforms: { hub: { provider: anthropic, api_key: '${A}' } } }",
      ),
    ).toEqual([]);
  });
});

describe("the other keys", () => {
  test.each<[string, string, string[]]>([
    [
      "a modality that is none",
      routes("    - match: { modality: [image, vocie] }"),
      ['6:34 error unknown modality "vocie"; did you mean "voice"?'],
    ],
    [
      "a mistyped modality key",
      routes("    - match: { modalty: image }"),
      ['6:16 error unknown key "modalty"; did you mean "modality"?'],
    ],
    [
      "images and tell_fallback that are no booleans",
      routes("    - match: { platform: hub }", "      images: yes", "      tell_fallback: 1"),
      [
        "7:15 error images must be true or false, not a text",
        "8:22 error tell_fallback must be true or false, not a number",
      ],
    ],
    [
      "Hermes's word for images",
      "model: { default: m, provider: echo, supports_vision: true }",
      ["1:38 warning supports_vision is Hermes's and means nothing here; instead, write images:"],
    ],
  ])("%s", (_, yaml, expected) => {
    expect(check(yaml)).toEqual(expected);
  });
});
