import { describe, expect, test } from "vitest";
import { loadText } from "../../tools/routes/load.ts";
import { check, MODEL } from "./findings.ts";

const groups = (written: string): string => `${MODEL}groups: ${written}`;
const compiled = (written: string) => loadText(groups(written), "f").compiled?.groups;

describe("groups", () => {
  test("compiles to whole rules, ids as text", () => {
    expect(compiled('{ free_chats: [-1001], ignored_threads: [-1001:7, "-1002:1"] }')).toEqual({
      require_mention: true,
      free_chats: ["-1001"],
      ignored_threads: ["-1001:7", "-1002:1"],
      listen: false,
    });
    expect(compiled("{ require_mention: false }")).toMatchObject({ require_mention: false });
  });

  test("is not there where the file says nothing of it", () => {
    expect(loadText(MODEL, "f").compiled).not.toHaveProperty("groups");
  });

  test.each<[string, string, string[]]>([
    [
      "an unknown key",
      "{ requires_mention: false }",
      ['2:11 error unknown key "requires_mention"; did you mean "require_mention"?'],
    ],
    [
      "a value of another kind",
      "{ require_mention: 3 }",
      ["2:28 error require_mention must be true or false, not a number"],
    ],
    [
      "a thread without its chat",
      '{ ignored_threads: ["7"] }',
      ['2:29 error item 1 of ignored_threads must be a chat and a thread, as in "-1001:7"'],
    ],
    [
      "a person's chat among the groups",
      '{ free_chats: ["42"], ignored_threads: ["42:1"] }',
      [
        '2:24 warning "42" is no group: on Telegram the id of a group is a negative number',
        '2:49 warning "42" is no group: on Telegram the id of a group is a negative number',
      ],
    ],
    [
      "listening where nothing is left to overhear",
      "{ require_mention: false, listen: true }",
      ["2:35 warning listen has no effect: with `require_mention: false` every message is answered"],
    ],
    [
      "listening where only Discord is set up",
      `{ listen: true }\nowners: { discord: ["1417636184355766305"] }`,
      [
        "2:11 warning listen has no effect on Discord, which shows a bot only its own commands: it takes Telegram",
      ],
    ],
    [
      "listening on Telegram beside Discord",
      `{ listen: true }\nowners: { discord: ["1417636184355766305"], telegram: ["42"] }`,
      [],
    ],
    ["listening where nobody says which platforms there are", "{ listen: true }", []],
    [
      "free chats where all are free",
      '{ require_mention: false, free_chats: ["-1001"] }',
      ["2:35 warning free_chats have no effect: with `require_mention: false` every group is free"],
    ],
  ])("%s", (_, written, expected) => {
    expect(check(groups(written))).toEqual(expected);
  });
});
