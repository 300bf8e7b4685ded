import { describe, expect, test } from "vitest";
import type { Source } from "../../src/message/source.ts";
import { hear, listensTo } from "../../src/routing/groups.ts";
import type { GroupRules } from "../../src/routing/types.ts";

const IN_GROUP: Source = { platform: "telegram", chat_type: "group", chat_id: "-1001", user_id: "7" };
const IN_TOPIC: Source = { ...IN_GROUP, thread_id: "7" };
const DIRECT: Source = { platform: "telegram", chat_type: "dm", chat_id: "7", user_id: "7" };
const rules = (changes: Partial<GroupRules> = {}): GroupRules => ({
  require_mention: true,
  free_chats: [],
  ignored_threads: [],
  listen: false,
  ...changes,
});

describe("without `groups`, and by default", () => {
  test.each([
    ["nothing", undefined],
    ["an empty block", rules()],
  ])("%s: a group's message must address the bot", (_, groups) => {
    expect(hear(IN_GROUP, "us", groups)).toEqual({ kind: "answer" });
    expect(hear(IN_GROUP, "nobody", groups)).toEqual({ kind: "ignore", reason: "not_addressed" });
    expect(hear(IN_GROUP, "another", groups)).toEqual({ kind: "ignore", reason: "other_bot" });
    expect(hear(IN_GROUP, "unknown", groups)).toEqual({ kind: "later" });
  });

  test("a direct message need not, but may be another bot's command", () => {
    expect(hear(DIRECT, "nobody")).toEqual({ kind: "answer" });
    expect(hear(DIRECT, "another")).toEqual({ kind: "ignore", reason: "other_bot" });
  });
});

describe("require_mention: false, and free_chats", () => {
  test("a free chat is answered without a mention, others are not", () => {
    const groups = rules({ free_chats: ["-1001"] });
    expect(hear(IN_GROUP, "nobody", groups)).toEqual({ kind: "answer" });
    expect(hear(IN_TOPIC, "nobody", groups)).toEqual({ kind: "answer" });
    expect(hear({ ...IN_GROUP, chat_id: "-1002" }, "nobody", groups)).toMatchObject({ kind: "ignore" });
  });

  test("without require_mention every chat is free; what is for another bot stays another's", () => {
    const groups = rules({ require_mention: false });
    expect(hear(IN_GROUP, "nobody", groups)).toEqual({ kind: "answer" });
    expect(hear(IN_GROUP, "another", groups)).toEqual({ kind: "ignore", reason: "other_bot" });
  });
});

describe("listen", () => {
  const groups = rules({ listen: true, free_chats: ["-1002"], ignored_threads: ["-1001:7"] });

  test("keeps what is for nobody, and nothing that is answered, for another bot or in an ignored thread", () => {
    expect(hear(IN_GROUP, "nobody", groups)).toEqual({ kind: "overhear" });
    expect(hear(IN_GROUP, "us", groups)).toEqual({ kind: "answer" });
    expect(hear(IN_GROUP, "another", groups)).toMatchObject({ kind: "ignore" });
    expect(hear(IN_TOPIC, "nobody", groups)).toMatchObject({ kind: "ignore" });
    expect(hear({ ...IN_GROUP, chat_id: "-1002" }, "nobody", groups)).toEqual({ kind: "answer" });
    expect(hear(DIRECT, "nobody", groups)).toEqual({ kind: "answer" });
  });

  test("is for rooms that the bot can hear: not for a direct chat, nor for Discord", () => {
    expect(listensTo(IN_GROUP, { groups })).toBe(true);
    expect(listensTo(IN_GROUP, {})).toBe(false);
    expect(listensTo(DIRECT, { groups })).toBe(false);
    expect(listensTo({ ...IN_TOPIC, platform: "discord", chat_type: "thread" }, { groups })).toBe(false);
  });
});

describe("ignored_threads", () => {
  const groups = rules({ ignored_threads: ["-1001:7"], free_chats: ["-1001"] });

  test("are deaf, even to a mention, in a free chat, and while the bot's name is unknown", () => {
    for (const to of ["us", "nobody", "unknown"] as const) {
      expect(hear(IN_TOPIC, to, groups)).toEqual({ kind: "ignore", reason: "ignored_thread" });
    }
  });

  test("do not touch the other threads, or the group itself", () => {
    expect(hear({ ...IN_TOPIC, thread_id: "8" }, "us", groups)).toEqual({ kind: "answer" });
    expect(hear(IN_GROUP, "us", groups)).toEqual({ kind: "answer" });
  });
});
