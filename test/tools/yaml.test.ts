import { describe, expect, test } from "vitest";
import type { RoutingContext } from "../../src/routing/types.ts";
import { answer } from "../../tools/routes/answer.ts";
import { loadText } from "../../tools/routes/load.ts";
import { check } from "./findings.ts";

function modelFor(yaml: string, context: RoutingContext): string {
  const { compiled, findings } = loadText(yaml, "f");
  if (compiled === null) throw new Error(JSON.stringify(findings));
  return answer(compiled, { context, override: null }).model;
}

describe("ids", () => {
  test("a Discord id needs no quotes, although it is more than a double holds", () => {
    const yaml = `model:
  default: m
  provider: echo
  routes:
    - match: { user_id: 1417636184355766305 }
      model: mine
owners: { discord: [1417636184355766305] }
homes: { discord: 1417636184355766307 }
`;
    expect(modelFor(yaml, { user_id: "1417636184355766305" })).toBe("mine");
    expect(modelFor(yaml, { user_id: "1417636184355766304" })).toBe("m");
    const { compiled } = loadText(yaml, "f");
    expect(compiled?.owners).toEqual({ discord: ["1417636184355766305"] });
    expect(compiled?.homes).toEqual({ discord: "1417636184355766307" });
  });

  test("numbers stay as they are written", () => {
    const yaml =
      "model: { default: 4.10, provider: echo, routes: [{ match: { chat_id: [-100123, 007] }, model: 5.0 }] }";
    expect(modelFor(yaml, { chat_id: "-100123" })).toBe("5.0");
    expect(modelFor(yaml, { chat_id: "007" })).toBe("5.0");
    expect(modelFor(yaml, { chat_id: "7" })).toBe("4.10");
  });

  test("verified is true or false, quoted or not", () => {
    const yaml =
      "model: { default: m, provider: echo, routes: [{ match: { verified: false }, model: careful }] }";
    expect(modelFor(yaml, { verified: "false" })).toBe("careful");
    expect(check(yaml)).toEqual([]);
  });
});

describe("anchors and merges", () => {
  const yaml = `model:
  default: m
  provider: echo
  routes:
    - match: &where { platform: telegram }
      <<: &how { model: shared, temperature: 0 }
    - match: { <<: *where, platform: hub }
      <<: *how
      modle: typo
`;

  test("are followed, and what is written beats what is merged", () => {
    const fixed = yaml.replace("      modle: typo\n", "");
    expect(check(fixed)).toEqual([]);
    expect(modelFor(fixed, { platform: "telegram" })).toBe("shared");
    expect(modelFor(fixed, { platform: "hub" })).toBe("shared");
  });

  test("findings still have their place", () => {
    expect(check(yaml)).toEqual(['9:7 error unknown key "modle"; did you mean "model"?']);
  });

  test("an anchor that is not there, or holds itself", () => {
    expect(check("model: { default: m, provider: echo, routes: *no }")).toContain(
      "1:46 error there is no anchor &no before this alias",
    );
    expect(check("model: &m { default: m, provider: echo, routes: [*m] }")).toContain(
      "1:50 error &m holds itself",
    );
    expect(check("model: &m { default: m, provider: echo, <<: *m }")).toContain(
      "1:45 error `<<` merges a map, an alias of one, or a list of these",
    );
  });

  test("nor can merges", () => {
    const bomb = ["a0: &a0 { x: 1 }"];
    for (let level = 1; level <= 20; level++) {
      const before = `*a${level - 1}`;
      bomb.push(`a${level}: &a${level} { <<: [${Array(8).fill(before).join(", ")}] }`);
    }
    const began = performance.now();
    expect(check(bomb.join("\n"))[1]).toContain('1:1 error unknown key "a0"');
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test("and a circle of them ends", () => {
    const circle = "models: { a: &a { <<: *b }, b: &b { <<: *a } }\nmodel: { default: m, provider: echo }";
    expect(check(circle)).toContain("1:23 error `<<` merges a map, an alias of one, or a list of these");
    expect(
      check("model: &a { default: m, provider: echo, routes: [{ match: &b { <<: [*a, *b] } }] }"),
    ).toContain("1:68 error `<<` merges a map, an alias of one, or a list of these");
  });

  test("aliases cannot unfold to more than a file", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level++) {
      const before = String.fromCharCode(96 + level);
      const here = String.fromCharCode(97 + level);
      bomb.push(`${here}: &${here} [${Array(10).fill(`*${before}`).join(", ")}]`);
    }
    expect(check(bomb.join("\n")).some((line) => line.includes("unfold to too much"))).toBe(true);
  });
});

describe("files that are not right", () => {
  test.each<[string, string, string]>([
    ["empty", "", "1:1 error the file is empty: it needs at least `model:`"],
    ["only comments", "# later\n", "1:1 error the file is empty: it needs at least `model:`"],
    ["a list", "- model: x\n", "1:1 error the file must be an object, not a list"],
    [
      "a line indented too far",
      "model:\n  default: m\n   provider: echo\n",
      "3:4 error this line is indented too far",
    ],
    [
      "such a line behind a comment",
      "model:\n  default: m\n\n  # who answers\n   provider: echo\n",
      "5:1 error All mapping items must start at the same column",
    ],
    ["tabs", "model:\n\tdefault: m\n", "2:1 error Tabs are not allowed as indentation"],
    ["a key twice", "model: m\nmodel: n\n", "2:1 error duplicate key model"],
    ["two documents", "model: m\n---\nmodel: n\n", "2:1 error the file holds more than one YAML document"],
    ["an unknown tag", "model: !secret m\n", "1:8 error Unresolved tag: !secret"],
    ["text behind a text", 'model: "sk-hunter2" m\n', "1:21 error Unexpected scalar at node end"],
    [
      "__proto__",
      "model: { default: m, provider: echo, __proto__: x }",
      "1:38 error `__proto__` cannot be a key",
    ],
    [
      "a list as a key",
      "model: { default: m, provider: echo, [a]: x }",
      "1:38 error a key must be a plain word",
    ],
  ])("%s", (_, yaml, expected) => {
    expect(check(yaml)).toContain(expected);
  });

  test("a byte order mark and Windows line ends do not shift places", () => {
    expect(check("\uFEFFmodel:\r\n  default: m\r\n  provider: echo\r\nfoo: 1\r\n")).toEqual([
      '4:1 error unknown key "foo"; known here: model, models, personalities, owners, homes, access, groups, sessions, memory, compression, telegram, cron, prices, transcription, system_prompt, history_tokens',
    ]);
  });
});
