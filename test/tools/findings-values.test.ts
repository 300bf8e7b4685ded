import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadText } from "../../tools/routes/load.ts";
import { check, MODEL, routes } from "./findings.ts";
import { fixture } from "./run.ts";

const SHIPPED = readFileSync(fixture("shipped.yaml"), "utf8");

test("the shipped file has none", () => {
  expect(check(SHIPPED)).toEqual([]);
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
    [
      "a key like nothing",
      `${MODEL}zzz: 1`,
      [
        '2:1 error unknown key "zzz"; known here: model, models, personalities, owners, homes, access, groups, sessions, memory, compression, telegram, cron, prices, transcription, system_prompt, history_tokens',
      ],
    ],
    [
      "a number where a text belongs, and a text where a number does",
      `${MODEL}system_prompt: 5\nhistory_tokens: "5"`,
      [
        "2:16 error system_prompt must be a text, not a number: put it in quotes",
        "3:17 error history_tokens must be a number, not a text: write it without quotes",
      ],
    ],
    [
      "a secret without braces",
      "model: { default: m, base_url: https://b.example/v1, api_key: $KEY }",
      ["1:63 error $KEY would be sent as it is written: a secret's name stands in braces, ${KEY}"],
    ],
    [
      "an unknown provider",
      "model: { default: m, provider: opnai }",
      ['1:32 error unknown provider "opnai"; did you mean "openai"?'],
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
        "2:30 warning owners of hub have no effect: a Hub sender's name is free to choose",
        "2:42 warning owners of cli have no effect: whoever holds ADMIN_TOKEN is its owner",
        '2:54 error unknown platform "discrod"; did you mean "discord"?',
        "3:10 warning homes of hub have no effect: a Hub sender's name is free to choose",
      ],
    ],
    [
      "numbers out of range",
      `model: { default: m, provider: echo, temperature: 3, timeouts: { idle: 0, first: 1 } }\nhistory_tokens: lots`,
      [
        "1:51 error temperature is at most 2",
        "1:72 error idle must be more than 0",
        '1:75 error unknown key "first"; known here: first_token, idle, total',
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
  const shipped = SHIPPED.replace(/^ *#.*\n/gm, "");
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
