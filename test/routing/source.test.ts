import { describe, expect, test } from "vitest";
import { modalityOf } from "../../src/message/message.ts";
import type { Source } from "../../src/message/source.ts";
import { admit, classify, routingContext } from "../../src/routing/source.ts";
import type { AccessRules } from "../../src/routing/types.ts";

const people = {
  owners: { telegram: ["42"], discord: ["7"], hub: ["alice"] },
  homes: { telegram: "99", hub: "hub:bob" },
};
const telegram = (more: Partial<Source>): Source => ({ platform: "telegram", chat_type: "dm", ...more });

describe("who is speaking", () => {
  test.each<[string, Source, string]>([
    ["an owner's id", telegram({ user_id: "42", chat_id: "42" }), "owner"],
    ["an owner's id in a group", telegram({ user_id: "42", chat_id: "-1", chat_type: "group" }), "owner"],
    ["another platform's owner id", { platform: "discord", chat_type: "dm", user_id: "42" }, "stranger"],
    ["the home chat, direct", telegram({ user_id: "5", chat_id: "99" }), "owner"],
    [
      "the home chat's id on a group",
      telegram({ user_id: "5", chat_id: "99", chat_type: "group" }),
      "stranger",
    ],
    [
      "the home chat's id on a channel",
      telegram({ user_id: "5", chat_id: "99", chat_type: "channel" }),
      "stranger",
    ],
    ["anyone else", telegram({ user_id: "5", chat_id: "5" }), "stranger"],
    ["nobody in particular", telegram({}), "stranger"],
    ["an id with a blank", telegram({ user_id: "42 " }), "stranger"],
    ["a Hub sender", { platform: "hub", chat_type: "dm", user_id: "bob", verified: true }, "hub_peer"],
    ["a Hub sender called like an owner", { platform: "hub", chat_type: "dm", user_id: "alice" }, "hub_peer"],
    ["a Hub chat that is home", { platform: "hub", chat_type: "dm", chat_id: "hub:bob" }, "hub_peer"],
    ["a cron job", { platform: "cron", chat_type: "dm" }, "cron"],
    ["the terminal", { platform: "cli", chat_type: "dm" }, "owner"],
  ])("%s", (_, source, kind) => {
    expect(classify(source, people)).toBe(kind);
  });
});

describe("what routes are matched against", () => {
  test("everything the platform authenticated", () => {
    const source: Source = {
      platform: "discord",
      chat_type: "thread",
      chat_id: "11",
      user_id: "7",
      user_name: "Ann",
      thread_id: "11",
      guild_id: "3",
    };
    expect(routingContext(source, "owner")).toEqual({
      platform: "discord",
      source_kind: "owner",
      user_id: "7",
      chat_id: "11",
      chat_type: "thread",
      thread_id: "11",
      guild_id: "3",
    });
  });

  test("a registered Hub name, marked as such", () => {
    const source: Source = {
      platform: "hub",
      chat_type: "dm",
      user_id: "bob",
      chat_id: "hub:bob",
      verified: true,
    };
    expect(routingContext(source, "hub_peer")).toMatchObject({ user_id: "bob", verified: "true" });
  });

  test("an unregistered Hub name is nobody's identity", () => {
    const source: Source = {
      platform: "hub",
      chat_type: "dm",
      user_id: "bob",
      chat_id: "hub:bob",
      verified: false,
    };
    const context = routingContext(source, "hub_peer");
    expect(context).toMatchObject({ source_kind: "hub_peer", verified: "false" });
    expect(context.user_id).toBeUndefined();
    expect(context.chat_id).toBeUndefined();
  });

  test("only Hub has verified names", () => {
    expect(routingContext(telegram({ user_id: "5", verified: true }), "stranger").verified).toBeUndefined();
  });

  test("the priority that Hub gives a message, also one of a name that is not registered", () => {
    const source: Source = { platform: "hub", chat_type: "dm", verified: false, priority: "quarantine" };
    expect(routingContext(source, "hub_peer")).toMatchObject({ priority: "quarantine", verified: "false" });
    expect(routingContext({ ...source, priority: "" }, "hub_peer").priority).toBeUndefined();
  });

  test("a cron job has only its platform and kind", () => {
    const source: Source = { platform: "cron", chat_type: "dm", chat_id: "nightly", user_id: "cron-1" };
    expect(routingContext(source, "cron")).toEqual({ platform: "cron", source_kind: "cron" });
    expect(routingContext(source, "cron", "text")).toEqual({ platform: "cron", source_kind: "cron" });
  });

  test("what the message is, where that is known", () => {
    expect(routingContext(telegram({}), "stranger", "image").modality).toBe("image");
    expect(routingContext(telegram({}), "stranger").modality).toBeUndefined();
  });

  test("a message is what its first attachment is, else text", () => {
    expect(modalityOf({})).toBe("text");
    expect(modalityOf({ attachments: [] })).toBe("text");
    const attachments = [
      { kind: "voice", ref: "1" },
      { kind: "image", ref: "2" },
    ] as const;
    expect(modalityOf({ attachments })).toBe("voice");
  });

  test("an empty id is no id", () => {
    expect(routingContext(telegram({ user_id: "" }), "stranger").user_id).toBeUndefined();
  });
});

describe("who gets an answer", () => {
  const access = (strangers: "ignore" | "answer", hub_peers: "ignore" | "answer"): AccessRules => ({
    strangers,
    hub_peers,
    commands: { model: ["owner"] },
  });
  const peer = (verified: boolean): Source => ({
    platform: "hub",
    chat_type: "dm",
    user_id: "bob",
    verified,
  });

  test("owners and cron always", () => {
    expect(admit(telegram({}), "owner", access("ignore", "ignore"))).toEqual({ ok: true });
    expect(admit({ platform: "cron", chat_type: "dm" }, "cron", access("ignore", "ignore"))).toEqual({
      ok: true,
    });
  });

  test("strangers if access says so", () => {
    expect(admit(telegram({}), "stranger", access("answer", "ignore"))).toEqual({ ok: true });
    expect(admit(telegram({}), "stranger", access("ignore", "answer"))).toEqual({
      ok: false,
      reason: "stranger",
    });
  });

  test("strangers whom access names: a person, a chat, a server or a role, on that platform", () => {
    const access = {
      strangers: "ignore",
      hub_peers: "answer",
      allowed: { discord: ["7", "70", "700", "7000"] },
      commands: {},
    } as const;
    const source = { platform: "discord", chat_type: "group" } as const;
    const isIn = (more: Partial<Source>) => admit({ ...source, ...more }, "stranger", access).ok;
    for (const more of [{ user_id: "7" }, { chat_id: "70" }, { guild_id: "700" }, { roles: ["1", "7000"] }])
      expect(isIn(more), JSON.stringify(more)).toBe(true);
    for (const more of [{}, { user_id: "8", roles: ["1"] }, { user_id: "7", platform: "telegram" as const }])
      expect(isIn(more), JSON.stringify(more)).toBe(false);
  });

  test("Hub peers if access says so, but never an unregistered name", () => {
    expect(admit(peer(true), "hub_peer", access("ignore", "answer"))).toEqual({ ok: true });
    expect(admit(peer(true), "hub_peer", access("answer", "ignore"))).toEqual({
      ok: false,
      reason: "hub_peer",
    });
    expect(admit(peer(false), "hub_peer", access("answer", "answer"))).toEqual({
      ok: false,
      reason: "unverified",
    });
  });
});
