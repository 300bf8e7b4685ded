import { expect, test } from "vitest";
import type { GroupRules } from "../../../src/routing/types.ts";
import { routesWith } from "../../support/setup.ts";
import { fixture, parse } from "./setup.ts";

/** What an update becomes under these rules. */
const parsed = (name: string, rules: Partial<GroupRules>) =>
  parse(
    fixture(name),
    routesWith({
      groups: { require_mention: true, free_chats: [], ignored_threads: [], listen: false, ...rules },
    }),
  );
const CHAT = "-4001234567";

test("in a free chat a message needs no mention; an unknown command there is some other bot's", async () => {
  const free = { free_chats: [CHAT] };
  expect(await parsed("group-chatter", free)).toMatchObject({ kind: "message" });
  expect(await parsed("group-photo-chatter", { require_mention: false })).toMatchObject({ kind: "message" });
  const unknown = await parsed("group-unknown-command", { require_mention: false });
  expect(unknown).toEqual({ kind: "ignored", reason: "other_bot" });
  expect(await parsed("group-command-at-other-bot", { require_mention: false })).toEqual(unknown);
});

test("a free chat frees no other chat", async () => {
  const elsewhere = { free_chats: ["-5"] };
  expect(await parsed("group-chatter", elsewhere)).toEqual({ kind: "ignored", reason: "not_addressed" });
});

test("where the bot listens, what is for nobody is overheard", async () => {
  expect(await parsed("group-chatter", { listen: true })).toMatchObject({
    kind: "message",
    overheard: true,
    message: { source: { chat_id: CHAT } },
  });
  expect(await parsed("group-mention", { listen: true })).toMatchObject({ overheard: undefined });
});

test("in an ignored thread not even a mention is heard", async () => {
  const ignored = { ignored_threads: ["-1002222333344:555"], require_mention: false };
  expect(await parsed("forum-topic-mention", ignored)).toEqual({ kind: "ignored", reason: "ignored_thread" });
  expect(await parsed("forum-general-mention", ignored)).toMatchObject({ kind: "message" });
});
