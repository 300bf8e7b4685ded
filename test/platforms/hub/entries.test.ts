import { describe, expect, test } from "vitest";
import {
  type Entry,
  hubTime,
  isAgentName,
  messageOf,
  readEntry,
  sourceOf,
} from "../../../src/platforms/hub/entries.ts";
import { fixture } from "./setup.ts";

const read = (value: unknown, cut = false) => readEntry({ value, cut }, "talaria");
const entry = (changes: Partial<Entry>): Entry => ({
  id: "a",
  markable: true,
  from: "argus",
  text: "hi",
  sent_at: 0,
  read: false,
  priority: null,
  uninteresting: null,
  ...changes,
});

describe("what an inbox entry is", () => {
  test("what is no object is malformed, and no two such are the same entry", async () => {
    const odd = await Promise.all([[], [1], {}, null, "x", 1].map((value) => read(value)));
    expect(new Set(odd.map(({ uninteresting }) => uninteresting))).toEqual(new Set(["malformed"]));
    expect(new Set(odd.map(({ id }) => id)).size).toBe(odd.length);
  });

  test("a direct message is one to answer, with its time read as UTC", async () => {
    expect(await read(fixture("direct-message"))).toEqual({
      id: "9f2c41d07ab35e68",
      markable: true,
      from: "argus",
      text: "Can you review the settlement schema today?",
      sent_at: Date.UTC(2026, 10, 23, 9, 14, 7, 381),
      read: false,
      priority: "normal",
      uninteresting: null,
    });
  });

  test.each([
    ["the welcome message", fixture("welcome"), "welcome"],
    ["a broadcast", fixture("broadcast"), "broadcast"],
    ["an attached settlement", fixture("settlement-attached"), "system"],
    ["a settlement's new state", fixture("settlement-webhook"), "system"],
    ["an event of another agent", { ...fixture("settlement-webhook"), from: "argus" }, "event"],
    ["an own message", { ...fixture("direct-message"), from: "talaria" }, "own"],
    ["blank text", { ...fixture("direct-message"), message: " \n" }, "empty"],
    ["an announcement", { ...fixture("direct-message"), is_announcement: true }, "announcement"],
    ["text that no session could store", { id: "a", from: "b", message: "x".repeat(300_000) }, "too_long"],
    [
      "text whose bytes no session could store",
      { id: "a", from: "b", message: "€".repeat(90_000) },
      "too_long",
    ],
    [
      "text whose JSON no session could store",
      { id: "a", from: "b", message: '"'.repeat(200_000) },
      "too_long",
    ],
    ["a message that is no text", { id: "a", from: "b", message: { text: "hi" } }, "malformed"],
    ["nobody's message", { id: "a", message: "hi" }, "malformed"],
    ["an endless name", { id: "a", from: "b".repeat(300), message: "hi" }, "malformed"],
    ["something else", "hello", "malformed"],
  ])("%s starts no turn", async (_name, message, reason) => {
    expect(await read(message)).toMatchObject({ uninteresting: reason });
  });

  test("another agent's welcome message is an ordinary message", async () => {
    expect(await read({ ...fixture("welcome"), id: "welcome-argus" })).toMatchObject({ uninteresting: null });
  });

  test("an explicit type of message is a message", async () => {
    expect(await read({ ...fixture("direct-message"), type: "message" })).toMatchObject({
      uninteresting: null,
    });
  });

  test("an event without an id is known again by its type, obligation, state and time", async () => {
    const event = fixture("settlement-webhook");
    const first = await read(event);
    expect(first.markable).toBe(false);
    expect((await read({ ...event, read: true })).id).toBe(first.id);
    for (const change of [
      { type: "settlement_attached" },
      { obligation_id: "obl-000000" },
      { settlement_state: "refunded" },
      { timestamp: "2026-11-23T09:45:03Z" },
    ]) {
      expect((await read({ ...event, ...change })).id).not.toBe(first.id);
    }
  });

  test.each(["../../agents/argus", "a/b", "..", "a?b", ""])("an id %j is not used in a URL", async (id) => {
    expect(await read({ ...fixture("direct-message"), id })).toMatchObject({ markable: false });
  });

  test("a message of 256 KiB is one to answer, and not a byte more", async () => {
    const of = (bytes: number) => read({ id: "a", from: "b", message: "x".repeat(bytes) });
    expect((await of(256 * 1_024)).uninteresting).toBe(null);
    expect((await of(256 * 1_024 + 1)).uninteresting).toBe("too_long");
  });

  test("an entry of which something was left out for its size is too long, whatever is left", async () => {
    expect(await read({ ...fixture("direct-message"), message: "" }, true)).toMatchObject({
      id: "9f2c41d07ab35e68",
      uninteresting: "too_long",
    });
  });

  test("half a character is made whole: Hub would fail at sending it on", async () => {
    expect((await read({ ...fixture("direct-message"), message: "a\ud800b" })).text).toBe("a\ufffdb");
  });
});

test.each([
  ["2026-11-23T09:14:07.381204", Date.UTC(2026, 10, 23, 9, 14, 7, 381)],
  ["2026-11-23T09:14:07", Date.UTC(2026, 10, 23, 9, 14, 7)],
  ["2026-11-23T09:14:07.381204Z", Date.UTC(2026, 10, 23, 9, 14, 7, 381)],
  ["2026-11-23T10:14:07+01:00", Date.UTC(2026, 10, 23, 9, 14, 7)],
  ["yesterday", null],
  ["", null],
  [undefined, null],
])("the time %j is %j", (timestamp, time) => {
  expect(hubTime(timestamp)).toBe(time);
});

describe("who sent it", () => {
  test("a registered name is verified", () => {
    expect(sourceOf(entry({ sent_at: 5_000 }), { registered: true, since: 1_000 })).toEqual({
      platform: "hub",
      chat_type: "dm",
      chat_id: "hub:argus",
      user_id: "argus",
      user_name: "argus",
      verified: true,
    });
    expect(sourceOf(entry({}), { registered: true, since: null }).verified).toBe(true);
  });

  test("an unregistered name is not, nor one registered only after the message", () => {
    expect(sourceOf(entry({}), { registered: false }).verified).toBe(false);
    expect(sourceOf(entry({ sent_at: 999 }), { registered: true, since: 1_000 }).verified).toBe(false);
  });

  test("the source says how Hub rates the sender", () => {
    const standing = { registered: true, since: null } as const;
    expect(sourceOf(entry({ priority: "quarantine" }), standing).priority).toBe("quarantine");
    expect(sourceOf(entry({}), standing)).not.toHaveProperty("priority");
  });

  test("the message goes to the sender, with an id that is the same on every look", () => {
    const item = entry({ id: "9f2c41d07ab35e68" });
    const source = sourceOf(item, { registered: true, since: null });
    expect(messageOf(item, source, "talaria", 7)).toEqual({
      delivery_id: "hub:talaria:9f2c41d07ab35e68",
      source,
      text: "hi",
      address: { peer: "argus", asked_at: 0 },
      received_at: 7,
    });
  });

  test.each(["argus", "agent_7", "Ärgus-2"])("%s may be an agent", (name) => {
    expect(isAgentName(name)).toBe(true);
  });
  test.each(["", "..", "../x", "a/b", "a b", "a%2fb", "a?x", "x".repeat(129)])("%j is none", (name) => {
    expect(isAgentName(name)).toBe(false);
  });
});
