import { describe, expect, test } from "vitest";
import { loadText } from "../../tools/routes/load.ts";
import { check, MODEL, routes } from "./findings.ts";

describe("what Hermes skips without a word", () => {
  test.each<[string, string, string[]]>([
    [
      "an empty match",
      routes("    - match: {}", "      model: x"),
      [
        "6:14 warning never taken: an empty match matches nothing; what holds for every message goes on the model block itself",
      ],
    ],
    [
      "a platform in capitals",
      routes("    - match: { platform: Telegram }"),
      ['6:26 warning platform "Telegram" never matches: platforms are lower case, telegram'],
    ],
    [
      "a platform in capitals, in a shorthand",
      "model:\n  default: m\n  provider: echo\n  platforms:\n    Discord: x",
      ['5:5 warning platform "Discord" never matches: platforms are lower case, discord'],
    ],
    [
      "a by_source that is only a name",
      "model:\n  default: m\n  provider: echo\n  by_source:\n    cron: nightly",
      ["5:11 warning by_source takes objects, not names: write {model: nightly}"],
    ],
    [
      "empty shorthands",
      'model:\n  default: m\n  provider: echo\n  platforms: { hub: {}, telegram: "" }\n  by_source: { cron: null }',
      [
        "4:16 warning platforms.hub is empty and has no effect",
        "4:25 warning platforms.telegram is empty and has no effect",
        "5:16 warning by_source.cron is empty and has no effect",
      ],
    ],
    [
      "an unknown source kind",
      routes("    - match: { source_kind: ownr }"),
      ['6:29 error unknown source kind "ownr"; did you mean "owner"?'],
    ],
    [
      "an unknown source kind in a list, and as a shorthand",
      routes("    - match: { source_kind: [owner, strangr] }", "  by_source: { hub_pear: { model: x } }"),
      [
        '6:37 error unknown source kind "strangr"; did you mean "stranger"?',
        '7:16 error unknown source kind "hub_pear"; did you mean "hub_peer"?',
      ],
    ],
    [
      "routes that are no list",
      "model:\n  default: m\n  provider: echo\n  routes:\n    platform: x",
      ["5:5 error routes must be a list, not an object"],
    ],
    [
      "routes that are no routes",
      routes("    - hub", "    - model: x", "    - match: telegram"),
      [
        "6:7 error item 1 of routes must be an object, not a text",
        "7:7 error match is missing",
        "8:14 error match must be an object, not a text",
      ],
    ],
    [
      "another host with the model block's key",
      routes("    - match: { platform: hub }", "      base_url: https://h.example/v1"),
      ["7:17 warning this changes base_url and has no api_key: the model block's key would go to h.example"],
    ],
    [
      "another provider with the model block's key",
      routes("    - match: { platform: hub }", "      provider: openrouter"),
      [
        "7:17 warning this changes provider and has no api_key: the model block's key would go to openrouter.ai",
      ],
    ],
    [
      "a bundle of models with the model block's key",
      `${MODEL}models:\n  far: { model: x, base_url: https://far.example/v1 }`,
      [
        "3:30 warning this changes base_url and has no api_key: the model block's key would go to far.example",
      ],
    ],
    [
      "true is not a text",
      routes("    - match: { user_id: True }"),
      ['6:25 warning a bare true is compared as "True", as in Hermes; put it in quotes'],
    ],
    [
      "null never matches",
      routes("    - match: { user_id: null }"),
      ["6:14 warning never taken: an empty value matches nothing"],
    ],
    [
      "Hermes's own keys",
      "model:\n  default: m\n  provider: echo\n  name: n\n  context_length: 1000\n  routes:\n    - name: n\n      match: { platform: hub }\n      model: x",
      [
        "4:3 warning name is Hermes's and means nothing here",
        "5:3 warning context_length is Hermes's and means nothing here; instead, write context:",
      ],
    ],
    [
      "platforms that only Hermes has",
      routes("    - match: { platform: slack }", "    - match: { platform: telegrm }"),
      [
        '6:26 warning this gateway has no platform "slack": it never matches',
        '7:26 error unknown platform "telegrm"; did you mean "telegram"?',
      ],
    ],
  ])("%s", (_, yaml, expected) => {
    expect(check(yaml)).toEqual(expected);
  });

  test("a route to the same place, or with a key of its own, is fine", () => {
    expect(
      check(
        routes(
          "    - match: { platform: hub }",
          "      base_url: https://b.example/v1/",
          "    - match: { platform: telegram }",
          "      base_url: https://t.example/v1",
          "      api_key: ${T}",
          "    - match: { platform: discord }",
          "      provider: echo",
        ),
      ),
    ).toEqual([]);
  });
});

describe("what a Hermes config says of keys and providers", () => {
  test("key_env names the secret, and wins over api_key", () => {
    const text = routes(
      "    - match: { platform: hub }",
      "      base_url: https://h.example/v1",
      "      key_env: HUB_KEY",
      "      api_key: ${OTHER}",
    );
    expect(check(text)).toEqual(["9:7 warning key_env is given too, and wins over api_key, as in Hermes"]);
    expect(loadText(text, "f").compiled?.rules[0]?.set.api_key).toBe("${HUB_KEY}");
  });

  test("a key_env that is no name", () => {
    expect(check("model: { default: m, provider: openai, key_env: sk-1 }")).toContain(
      "1:49 error key_env must be the name of a secret: letters, digits and _",
    );
  });

  test.each([
    ["nous", "the base_url of its endpoint"],
    ["auto", "the base_url of its endpoint"],
    ["ollama", "the base_url of its endpoint"],
    ["custom:x", "the base_url of its endpoint"],
    ["zai", "base_url: https://api.z.ai/api/paas/v4"],
  ])("provider %s is an error where it never answers, and custom where it does", (provider, cure) => {
    expect(check(`model: { default: m, provider: "${provider}" }`)).toContain(
      `1:32 error provider ${provider} is not built in here, and never answers without an address: add ${cure}`,
    );
    expect(
      check(`model: { default: m, provider: "${provider}", base_url: https://b.example/v1, api_key: \${K} }`),
    ).toEqual([`1:32 warning provider ${provider} is not built in here: taken as custom`]);
  });

  test("a whole config is one finding, which names the way", () => {
    const text = "model: { default: m }\nagent: {}\nterminal: { backend: local }\nmemory: {}\n";
    expect(check(text)).toEqual([
      "1:1 error this is a whole Hermes config, not a routes file: npm run import -- FILE makes one of it",
    ]);
  });

  test("a route keeps its name", () => {
    const text = routes("    - match: { platform: hub }", "      name: Agents", "      model: x");
    expect(loadText(text, "f").compiled?.rules[0]?.name).toBe("Agents");
  });
});

describe("routes that are never taken", () => {
  test.each<[string, string[], string[]]>([
    [
      "the same match twice",
      ["    - match: { platform: hub, user_id: [a, b] }", "    - match: { user_id: [b, a], platform: hub }"],
      ["7:14 warning never taken: the same match as in line 6, which comes first"],
    ],
    [
      "behind a wider one",
      ["    - match: { platform: hub }", "    - match: { platform: hub, user_id: a }"],
      ["7:14 warning never taken: whatever matches here matches line 6 first"],
    ],
    [
      "behind several that together are wider",
      [
        "    - match: { platform: hub }",
        "    - match: { platform: telegram }",
        "    - match: { platform: [telegram, hub], chat_type: dm }",
      ],
      ["8:14 warning never taken: whatever matches here matches line 7, 6 first"],
    ],
    ["in part", ["    - match: { user_id: a }", "    - match: { user_id: [a, b] }"], []],
    [
      "a source kind that the platform does not have",
      ["    - match: { platform: hub, source_kind: owner }"],
      ["6:14 warning never taken: no owner ever writes on hub"],
    ],
  ])("%s", (_, lines, expected) => {
    expect(check(routes(...lines))).toEqual(expected);
  });

  test("a shorthand behind a route", () => {
    expect(check(routes("    - match: { platform: hub }", "  platforms: { hub: x }"))).toEqual([
      "7:16 warning never taken: the same match as in line 6, which comes first",
    ]);
  });
});
