import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFinding } from "../../tools/routes/findings.ts";
import { loadText } from "../../tools/routes/load.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The findings of a file, as `npm run check` prints them, without the file's name. */
function check(yaml: string): string[] {
  return loadText(yaml, "f").findings.map((finding) => formatFinding(finding).slice(2));
}
/** A model block that is in order, for what is not about it. */
const MODEL = "model: { default: m, base_url: https://b.example/v1, api_key: ${K} }\n";
/** Routes below a model block that is in order. */
const routes = (...lines: string[]): string =>
  [
    "model:",
    "  default: m",
    "  base_url: https://b.example/v1",
    "  api_key: ${K}",
    "  routes:",
    ...lines,
  ].join("\n");

test("the shipped file has none", () => {
  expect(check(readFileSync(join(ROOT, "routes.yaml"), "utf8"))).toEqual([]);
});

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
      "model:\n  default: m\n  provider: echo\n  context_length: 1000\n  routes:\n    - name: n\n      match: { platform: hub }\n      key_env: HUB_KEY",
      [
        "4:3 warning context_length is Hermes's and means nothing here; instead, history_tokens, at the top, limits what a turn sends",
        "6:7 warning name is Hermes's and means nothing here",
        "8:7 warning key_env is Hermes's and means nothing here; instead, write api_key: ${NAME}",
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

describe("names and values", () => {
  test.each<[string, string, string[]]>([
    [
      "an unknown key at the top",
      `${MODEL}modles: {}`,
      ['2:1 error unknown key "modles"; did you mean "models"?'],
    ],
    [
      "an unknown key of the model block",
      "model:\n  defualt: x\n  default: m\n  provider: echo",
      ['2:3 error unknown key "defualt"; did you mean "default"?'],
    ],
    [
      "an unknown key of a route, and of its match",
      routes("    - match: { platfrom: hub }", "      modell: x"),
      [
        '6:16 error unknown key "platfrom"; did you mean "platform"?',
        '7:7 error unknown key "modell"; did you mean "model"?',
      ],
    ],
    ["a key like nothing", `${MODEL}zzz: 1`, ['2:1 error unknown key "zzz"']],
    [
      "an unknown provider",
      "model: { default: m, provider: opnai }",
      [
        '1:32 error unknown provider "opnai"; did you mean "openai"?',
        "1:8 warning provider custom needs a base_url: as it is, there is nowhere to send to",
      ],
    ],
    [
      "an unknown chat type",
      routes("    - match: { chat_type: [dm, grup] }"),
      ['6:32 error unknown chat_type "grup"; did you mean "group"?'],
    ],
    ["no model", "models: {}", ["1:1 error model is missing"]],
    [
      "a model block without a model",
      "model: { provider: echo }",
      ["1:8 error the model block names no model: it needs a `default`"],
    ],
    [
      "a bare name has nowhere to go",
      "model: solo",
      ["1:8 warning provider custom needs a base_url: as it is, there is nowhere to send to"],
    ],
    [
      "access",
      `${MODEL}access:\n  strangers: yes\n  hub_peer: answer\n  commands: { model: [ownr] }`,
      [
        '3:14 error unknown strangers "yes"; one of ignore, answer',
        '4:3 error unknown key "hub_peer"; did you mean "hub_peers"?',
        '5:23 error unknown source kind "ownr"; did you mean "owner"?',
      ],
    ],
    [
      "owners that nobody can be",
      `${MODEL}owners: { telegram: ["@me"], hub: [bob], cli: ["1"], discrod: ["1"] }\nhomes: { hub: bob }`,
      [
        '2:22 warning "@me" is not an id: telegram identifies people and chats by number',
        "2:30 warning a Hub sender is never an owner: its name is free to choose",
        "2:42 warning owners of cli have no effect",
        '2:54 error unknown platform "discrod"; did you mean "discord"?',
        "3:10 warning a Hub sender is never an owner: its name is free to choose",
      ],
    ],
    [
      "numbers out of range",
      `model: { default: m, provider: echo, temperature: 3, timeouts: { idle: 0, first: 1 } }\nhistory_tokens: lots`,
      [
        "1:51 error temperature is at most 2",
        "1:72 error idle must be more than 0",
        '1:75 error unknown key "first"',
        "2:17 error history_tokens must be a number, not a text",
      ],
    ],
    [
      "a model called reset",
      `${MODEL}models: { reset: x, "a b": y }`,
      [
        "2:11 error `/model reset` undoes a choice, so no model can be called reset",
        "2:21 error the name a b must be one word of at most 100 characters",
      ],
    ],
  ])("%s", (_, yaml, expected) => {
    expect(check(yaml).sort()).toEqual([...expected].sort());
  });
});

describe("endpoints and keys", () => {
  const url = (text: string): string[] => check(`model: { default: m, base_url: "${text}" }`);

  test.each([
    [
      "http://llm.example/v1",
      "base_url must be https: over http the key and every message would travel readable",
    ],
    [
      "http://${HOST}/v1",
      "base_url must be https: over http the key and every message would travel readable",
    ],
    [
      "http://127.0.0.1.evil.example/v1",
      "base_url must be https: over http the key and every message would travel readable",
    ],
    ["ftp://llm.example", "base_url must begin with https://"],
    ["llm.example/v1", "base_url is not a URL"],
    ["https://user:hunter2@llm.example/v1", "base_url must not hold a user name or password"],
    ["https://llm.example/v1?key=hunter2", "base_url must not have a query or a fragment"],
    ["https://${HO ST}/v1", "base_url has a ${…} that is not a secret's name"],
  ])("%s is an error", (text, message) => {
    expect(url(text)).toEqual([`1:32 error ${message}`]);
  });

  test.each([
    "https://llm.example/v1",
    "http://localhost:11434/v1",
    "http://127.0.0.1:${PORT}/v1",
    "http://[::1]:8080/v1",
    "https://${HOST}/v1",
    "https://gateway.example/v1/${ACCOUNT}/openai",
    "${LLM_URL}",
    "${LLM_URL}/v1",
  ])("%s is fine", (text) => {
    expect(url(text)).toEqual([]);
  });

  test("the path of a mode does not belong to it, Anthropic's version does", () => {
    expect(url("https://llm.example/v1/chat/completions")).toEqual([
      "1:32 warning base_url is where the endpoint begins: the path of the api_mode is added to it",
    ]);
    expect(check("model: { default: m, base_url: https://a.example, api_mode: anthropic_messages }")).toEqual(
      ["1:32 warning requests go to {base_url}/messages, so base_url usually ends in /v1"],
    );
  });

  test("literal credentials are warned about, and never repeated", () => {
    const found = check(
      "model: { default: m, base_url: https://b.example/v1, api_key: sk-hunter2hunter2, headers: { Authorization: Bearer hunter2, X-Title: Talaria } }",
    );
    expect(found).toEqual([
      "1:63 warning a literal api_key would be bundled into the Worker; write ${NAME} and set that secret",
      "1:108 warning a literal Authorization would be bundled into the Worker; write ${NAME} and set that secret",
    ]);
    expect(found.join()).not.toContain("hunter2");
  });

  test("a broken ${…} is an error", () => {
    expect(check("model: { default: m, provider: echo, api_key: '${A-B}' }")).toEqual([
      "1:47 error a ${…} here is not closed, or its name has other characters than letters, digits and _",
    ]);
  });

  test("a fallback elsewhere needs its own key", () => {
    const yaml = `model:
  default: m
  base_url: https://b.example/v1
  api_key: \${K}
  fallbacks:
    - model: near
    - { model: far, base_url: https://f.example/v1 }
    - { model: own, base_url: https://f.example/v1, api_key: "\${F}" }
    - { model: said, provider: echo }
    - { base_url: https://f.example/v1 }
`;
    expect(check(yaml)).toEqual([
      "7:31 warning this fallback goes to f.example without a key: it needs its own api_key",
      "10:7 error model is missing",
    ]);
    const { compiled } = loadText(yaml.replace(/ {4}- \{ base_url.*\n/, ""), "f");
    expect(compiled?.base_fallbacks?.map(({ model, api_key }) => [model, api_key])).toEqual([
      ["near", "${K}"],
      ["far", null],
      ["own", "${F}"],
      ["said", null],
    ]);
  });
});

test("one run tells about everything, errors and warnings, in the order of the file", () => {
  expect(
    check(
      routes(
        "    - match: { source_kind: ownr }",
        "      model: x",
        "    - match: {}",
        "      modell: y",
        "    - match: { platform: Hub }",
        "modles: {}",
      ),
    ).map((line) => line.split(" ").slice(0, 2).join(" ")),
  ).toEqual(["6:29 error", "8:14 warning", "9:7 error", "10:26 warning", "11:1 error"]);
});

test("no text at all makes the check throw, and every finding has a place", () => {
  const shipped = readFileSync(join(ROOT, "routes.yaml"), "utf8").replace(/^ *#.*\n/gm, "");
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "- ",
    ": ",
    "\n",
    "\t",
    "&a ",
    "*a",
    "<<: *a",
    "!x ",
    "null",
    "? ",
    "#",
    "'",
    '"',
    "routes:",
    "match:",
    "  ",
    "__proto__: ",
    "1e999",
    "|\n",
  );
  const edit = fc.tuple(fc.nat(shipped.length), fc.nat(8), piece);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const text = edits.reduce(
        (was, [at, cut, put]) => was.slice(0, at) + put + was.slice(at + cut),
        shipped,
      );
      const { findings, compiled } = loadText(text, "f");
      expect(compiled === null).toBe(findings.some(({ level }) => level === "error"));
      for (const { line, col } of findings) expect(Math.min(line, col)).toBeGreaterThan(0);
    }),
    { numRuns: 400 },
  );
});
