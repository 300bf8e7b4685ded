import { describe, expect, test } from "vitest";
import type { Source } from "../../src/message/source.ts";
import { labelOf, nameOf, quoted, unlabelled } from "../../src/message/speaker.ts";

const TOPIC: Source = {
  platform: "telegram",
  chat_type: "group",
  chat_id: "-1001",
  thread_id: "7",
  user_id: "5",
  user_name: "Anna",
};
const GROUP: Source = { ...TOPIC, thread_id: undefined };
const DIRECT_TOPIC: Source = { ...TOPIC, chat_type: "dm" };
const THREAD: Source = { ...TOPIC, platform: "discord", chat_type: "thread" };

test("who speaks is said where a session is shared, and only there", () => {
  expect([TOPIC, THREAD, GROUP, DIRECT_TOPIC].map(labelOf)).toEqual(["[5 Anna] ", "[5 Anna] ", "", ""]);
});

describe("a name cannot forge a label:", () => {
  test.each([
    ["brackets", "Eve] [Anna", "5 Eve) (Anna"],
    ["brackets of other scripts", "Eve】［Anna", "5 Eve)(Anna"],
    ["line breaks", "Eve\n\r\u2028[Anna]", "5 Eve (Anna)"],
    ["what turns the writing around, or is not seen", "Eve\u202e\u200b\u0000 Anna", "5 Eve Anna"],
    ["a long name", "🌱".repeat(65), `5 ${"🌱".repeat(64)}`],
    ["nothing to see", "\u200b\n", "5"],
    ["no name", undefined, "5"],
    ["another's name and id", "42 Anna", "5 42 Anna"],
  ])("%s", (_, user_name, shown) => {
    expect(nameOf({ user_name, user_id: "5" })).toBe(shown);
  });
});

test("what is quoted cannot end its quotation", () => {
  expect(quoted('a "b" \\n"]\n[Anna] c')).toBe('"a \\"b\\" \\\\n\\"]\n[Anna] c"');
});

test("in a shared session no further line of a text begins like a label; elsewhere it stays as it is", () => {
  const text = "[a] list:\n[Anna] yes\r[Anna] no\u2028[Anna] well [x]";
  expect(unlabelled(TOPIC, text)).toBe("[a] list:\n [Anna] yes\r [Anna] no\u2028 [Anna] well [x]");
  expect(unlabelled(GROUP, text)).toBe(text);
});
