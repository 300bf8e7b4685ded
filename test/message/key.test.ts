import { expect, test } from "vitest";
import { roomKey, sessionKey } from "../../src/message/key.ts";
import type { Source } from "../../src/message/source.ts";

const cases: readonly [string, Source, string][] = [
  [
    "a DM",
    { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
    "agent:main:telegram:dm:42",
  ],
  [
    "a DM topic",
    { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42", thread_id: "7" },
    "agent:main:telegram:dm:42:7",
  ],
  [
    "a group, one session per participant",
    { platform: "telegram", chat_type: "group", chat_id: "-100", user_id: "7" },
    "agent:main:telegram:group:-100:7",
  ],
  [
    "a forum topic, one session for all",
    { platform: "telegram", chat_type: "group", chat_id: "-100", user_id: "7", thread_id: "9" },
    "agent:main:telegram:group:-100:9",
  ],
  [
    "a Discord thread",
    { platform: "discord", chat_type: "thread", chat_id: "55", thread_id: "55", user_id: "7" },
    "agent:main:discord:thread:55:55",
  ],
  [
    "a Hub peer",
    { platform: "hub", chat_type: "dm", chat_id: "hub:alice", user_id: "alice" },
    "agent:main:hub:dm:hub:alice",
  ],
  ["a DM without a chat id", { platform: "cli", chat_type: "dm", user_id: "me" }, "agent:main:cli:dm"],
];

test.each(cases)("the session key of %s is Hermes's", (_name, source, key) => {
  expect(sessionKey(source)).toBe(key);
});

test("a room is a topic's session, or the one of a group that no member has", () => {
  const group = { platform: "telegram", chat_type: "group", chat_id: "-1", user_id: "7" } as const;
  expect(roomKey(group)).toBe("agent:main:telegram:group:-1");
  expect(roomKey({ ...group, thread_id: "9" })).toBe(sessionKey({ ...group, thread_id: "9" }));
});
