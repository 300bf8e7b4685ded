import { describe, expect, test, vi } from "vitest";
import type { HubClient } from "../../../src/platforms/hub/api.ts";
import { useStage } from "./stage.ts";

// Long lists take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
const stage = useStage();
const MINUTE_MS = 60_000;
const LIST = "GET /agents/talaria/messages?unread=true&mark_read=false";
const ALL = "GET /agents/talaria/messages?unread=true&mark_read=true";
const EVERYTHING = "GET /agents/talaria/messages?mark_read=false";

/** Puts this in place of the request that marks all read. */
const markAllWith = (
  request: (real: () => ReturnType<HubClient["list"]>) => ReturnType<HubClient["list"]>,
) => {
  const { client } = stage();
  const list: HubClient["list"] = (which, take) =>
    which === "mark_all" ? request(() => client.list(which, take)) : client.list(which, take);
  stage().restart({ hub: { ...client, list } });
};
const rows = (table: string) => stage().sql.all(`SELECT * FROM ${table}`);
/** The welcome message is out of the way, and what is asked from now on counts. */
const settled = async () => {
  await stage().sweep();
  return stage().hub.requests.length;
};

describe("what is dealt with is marked read", () => {
  test("by its id, where it is a single message", async () => {
    const before = await settled();
    await stage().say("argus", "hello");
    await stage().sweep();
    expect(stage().asked(before)).toEqual([
      LIST,
      "GET /agents/argus",
      expect.stringMatching(/^POST \/agents\/talaria\/messages\/[0-9a-f]{16}\/read$/),
    ]);
    expect(stage().unread()).toEqual([]);
  });

  test("with one request, where it is a hundred messages", async () => {
    const before = await settled();
    for (let i = 0; i < 100; i++) stage().put("stranger", `${i}`);
    await stage().sweep();
    expect(stage().asked(before)).toEqual([LIST, "GET /agents/stranger", ALL]);
    expect(stage().unread()).toEqual([]);
  });

  test("with one request, where it is a backlog of 5,000", async () => {
    for (let i = 0; i < 5_000; i++) stage().put("argus", `${i}`, 20 * MINUTE_MS);
    await stage().sweep();
    expect(stage().asked()).toEqual([LIST, ALL]);
    expect(stage().unread()).toEqual([]);
    expect(stage().offered).toEqual([]);
    expect(rows("hub_seen")).toEqual([]);
  });

  test("with one request, where an entry has no id: nothing else can mark it", async () => {
    const before = await settled();
    stage().hub.put("talaria", {
      from: "hub-system",
      message: "attached",
      type: "settlement_attached",
      id: undefined,
    });
    await stage().sweep();
    expect(stage().asked(before)).toEqual([LIST, ALL]);
    expect(stage().unread()).toEqual([]);
  });

  test("in a few requests at a time, while something is left in a large inbox", async () => {
    await settled();
    stage().accept = async () => "full";
    stage().put("argus", "waits");
    for (let i = 0; i < 2_000; i++) stage().put("stranger", "x".repeat(500));
    const marks = () =>
      stage()
        .asked()
        .filter((line) => line.startsWith("POST") || line === ALL).length;
    const before = marks();
    await stage().sweep();
    expect(marks() - before).toBe(2);
    stage().accept = async () => "accepted";
    await stage().until(() => stage().unread().length === 0);
    expect(stage().asked().at(-1)).toBe(ALL);
    expect(marks() - before).toBeLessThan(10);
  });
});

describe("what comes in while all is marked read", () => {
  const burst = async () => {
    await settled();
    for (const text of ["one", "two", "three", "four"]) await stage().say("argus", text);
  };

  test("is answered, once", async () => {
    await burst();
    markAllWith((real) => {
      stage().put("argus", "five");
      return real();
    });
    await stage().sweep();
    expect(stage().unread()).toEqual([]);
    expect(rows("hub_kept")).toHaveLength(1);
    await stage().ring();
    expect(stage().offered).toEqual(["one", "two", "three", "four", "five"]);
    expect(rows("hub_kept")).toEqual([]);
    expect(await stage().ring()).toBe(false);
  });

  test("is answered where Hub's answer is lost", async () => {
    await burst();
    markAllWith(async (real) => {
      stage().put("argus", "five");
      await real();
      return { ok: false, error: { reason: "timeout" } };
    });
    await stage().sweep();
    expect(stage().unread()).toEqual([]);
    expect(await stage().until(() => stage().offered.length === 5)).toBeLessThan(MINUTE_MS);
    await stage().until(() => stage().alarm_at === null);
    expect(stage().offered).toEqual(["one", "two", "three", "four", "five"]);
  });

  test("is answered where the object ends in the middle of it", async () => {
    await burst();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    markAllWith(async (real) => {
      stage().put("argus", "five");
      await real();
      end();
      return new Promise(() => {});
    });
    void stage().sweep();
    await over;
    stage().restart({ hub: stage().client });
    await stage().until(() => stage().offered.length === 5);
    await stage().until(() => stage().alarm_at === null);
    expect(stage().offered).toEqual(["one", "two", "three", "four", "five"]);
  });

  test("is answered where Hub does it only after it was given up", async () => {
    await burst();
    const late: (() => unknown)[] = [];
    markAllWith(async (real) => {
      if (late.length > 0) return real();
      late.push(real);
      return { ok: false, error: { reason: "timeout" } };
    });
    await stage().sweep();
    await stage().ring();
    stage().put("argus", "five");
    await late[0]?.();
    expect(await stage().until(() => stage().offered.length === 5)).toBeLessThan(3 * MINUTE_MS);
    expect(stage().offered).toEqual(["one", "two", "three", "four", "five"]);
  });

  test("is not lost where it is more than is kept", async () => {
    await burst();
    let first = true;
    markAllWith((real) => {
      for (let i = 0; first && i < 500; i++) stage().put("argus", `late ${i}`);
      first = false;
      return real();
    });
    await stage().sweep();
    expect(rows("hub_kept").length).toBeLessThanOrEqual(200);
    await stage().until(() => stage().offered.length === 504);
    const late = Array.from({ length: 500 }, (_, i) => `late ${i}`);
    expect(stage().offered).toEqual(["one", "two", "three", "four", ...late]);
  });

  test("is kept until its session takes it, whatever ends the object", async () => {
    await burst();
    markAllWith((real) => {
      stage().put("brisk", "un");
      return real();
    });
    stage().accept = async ({ text }) => (text === "un" ? "full" : "accepted");
    await stage().sweep();
    await stage().ring();
    stage().restart({ hub: stage().client });
    stage().accept = async () => "accepted";
    await stage().until(() => stage().texts().includes("un"));
    expect(stage().texts()).toEqual(["one", "two", "three", "four", "un"]);
  });

  test("is refused like any other where nobody has its name", async () => {
    await burst();
    markAllWith((real) => {
      stage().put("stranger", "psst");
      return real();
    });
    await stage().sweep();
    await stage().ring();
    expect(stage().offered).not.toContain("psst");
    expect(rows("hub_kept")).toEqual([]);
  });

  test("needs no search of the whole inbox where Hub said no", async () => {
    await burst();
    markAllWith(async () => ({ ok: false, error: { reason: "refused", status: 403 } }));
    await stage().sweep();
    await stage().sweep();
    expect(stage().asked()).not.toContain(EVERYTHING);
  });
});

describe("a message that cannot be marked read", () => {
  const marksFail = (fail: boolean) => {
    const { client } = stage();
    const markRead: HubClient["markRead"] = async () => ({ ok: false, error: { reason: "timeout" } });
    stage().restart({ hub: fail ? { ...client, markRead } : client });
  };

  test("is handed over once, and marked later, whatever ends the object meanwhile", async () => {
    await settled();
    for (const text of ["one", "two"]) await stage().say("argus", text);
    marksFail(true);
    await stage().sweep();
    stage().restart();
    await stage().sweep();
    expect(stage().unread()).toHaveLength(2);
    marksFail(false);
    await stage().sweep();
    expect(stage().unread()).toEqual([]);
    expect(stage().offered).toEqual(["one", "two"]);
  });

  test("is not handed over again after a list that was empty by mistake", async () => {
    await settled();
    marksFail(true);
    await stage().say("argus", "hello");
    await stage().sweep();
    const { client } = stage();
    const nothing: HubClient["list"] = async () => ({ ok: true, value: { end: "whole", bytes: 40 } });
    stage().restart({ hub: { ...client, list: nothing } });
    for (let i = 0; i < 30; i++) {
      stage().pass(MINUTE_MS);
      await stage().sweep();
    }
    stage().restart({ hub: client });
    await stage().sweep();
    expect(stage().offered).toEqual(["hello"]);
  });

  test("is remembered no longer than Hub lists it, and an hour", async () => {
    await stage().say("argus", "hello");
    await stage().sweep();
    expect(rows("hub_seen")).toHaveLength(1);
    for (let i = 0; i < 62; i++) {
      stage().pass(MINUTE_MS);
      await stage().sweep();
    }
    expect(rows("hub_seen")).toEqual([]);
  });
});

test("nothing is taken from the inbox that could not be remembered as taken", async () => {
  await settled();
  const insert = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)";
  stage().sql.all(`${insert} INSERT INTO hub_seen (id) SELECT 'id-' || i FROM n`);
  stage().restart();
  const { client } = stage();
  const listed: HubClient["list"] = async (which, take) => {
    for (let i = 1; i <= 20_000; i++) {
      const value = { id: `id-${i}`, from: "argus", message: "hi", timestamp: new Date().toISOString() };
      await take({ value, cut: false });
    }
    return client.list(which, take);
  };
  stage().restart({ hub: { ...client, list: listed } });
  await stage().say("argus", "one too many");
  await stage().sweep();
  expect(stage().offered).toEqual([]);
  expect(stage().logged.join()).toContain("hub_memory_full");
  stage().restart({ hub: client });
  await stage().until(() => stage().texts().includes("one too many"));
  expect(rows("hub_seen").length).toBeLessThanOrEqual(20_000);
});
