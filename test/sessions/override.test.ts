import { beforeEach, expect, test, vi } from "vitest";
import type { Sql } from "../../src/lib/ports.ts";
import { OVERRIDE_FRESH_MS } from "../../src/sessions/limits.ts";
import { SessionOverride } from "../../src/sessions/override.ts";
import { openTables } from "../../src/sessions/store/tables.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

const SESSION = "agent:main:telegram:dm:42";
const KEY = `override:${SESSION}`;
const T0 = Date.parse("2026-11-23T10:00:00.000Z");
const DAY_MS = 24 * 3_600_000;
const LATER = OVERRIDE_FRESH_MS;

let kv: MemoryKv;
let sql: Sql;
let now: number;

beforeEach(() => {
  kv = new MemoryKv();
  sql = memorySql();
  openTables(sql, T0);
  now = T0;
});

/** The session's override, as an object that was just started has it. */
const session = () =>
  new SessionOverride(kv, SESSION, sql, { now: () => now, random: () => 0.5, sleep: async () => {} });

async function modelAt(override: SessionOverride, at: number): Promise<string | null> {
  now = at;
  return (await override.current())?.model ?? null;
}

function put(model: string, set_at?: string): void {
  kv.values.set(KEY, JSON.stringify({ model, set_by: "console", ...(set_at && { set_at }) }));
}

test("an override is in force at once, in KV without a key, and still there after a restart", async () => {
  const override = session();
  await override.set({ model: "fast", api_key: "sk-secret" }, "42");
  expect(await modelAt(override, T0)).toBe("fast");
  expect(kv.values.get(KEY)).toBe(
    JSON.stringify({ model: "fast", set_by: "42", set_at: "2026-11-23T10:00:00.000Z" }),
  );
  expect(await modelAt(session(), T0 + 1)).toBe("fast");
});

test("while KV still shows the old value, the own write wins", async () => {
  const override = session();
  put("old", "2026-11-23T09:00:00.000Z");
  expect(await modelAt(override, T0)).toBe("old");
  await override.set({ model: "fast" }, "42");
  put("old", "2026-11-23T09:00:00.000Z");
  expect(await modelAt(override, T0 + LATER)).toBe("fast");
  expect(await modelAt(session(), T0 + 2 * LATER)).toBe("fast");
});

test("a reset wins over an old value that KV still shows", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42");
  now = T0 + 10;
  await override.set(null, "42");
  put("fast", "2026-11-23T10:00:00.000Z");
  expect(await modelAt(override, T0 + LATER)).toBeNull();
});

test("a newer value written elsewhere takes over", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42");
  put("strong", "2026-11-23T11:00:00.000Z");
  expect(await modelAt(override, T0 + LATER)).toBe("strong");
});

test("a choice that KV refused does not overwrite a newer one when it is written again", async () => {
  const override = session();
  kv.before = async (operation) => {
    if (operation === "put") throw new Error("KV PUT failed: 429 Too Many Requests");
  };
  await override.set({ model: "mine" }, "42");
  put("newer", "2026-11-23T10:01:00.000Z");
  kv.before = async () => {};
  expect(await modelAt(override, T0 + 120_000)).toBe("newer");
  expect(await modelAt(override, T0 + 130_000)).toBe("newer");
  expect(kv.values.get(KEY)).toContain("newer");
  kv.values.delete(KEY);
  expect(await modelAt(session(), T0 + 140_000)).toBeNull();
});

test("a value without a time counts once KV has shown the own write", async () => {
  const override = session();
  await override.set({ model: "mine" }, "42");
  expect(await modelAt(override, T0 + 10_000)).toBe("mine");
  put("operator");
  expect(await modelAt(override, T0 + 20_000)).toBe("operator");
});

test("a value without a time counts some minutes after a choice, and after a reset", async () => {
  const override = session();
  await override.set({ model: "mine" }, "42");
  put("operator");
  expect(await modelAt(override, T0 + 10_000)).toBe("mine");
  expect(await modelAt(override, T0 + 6 * 60_000)).toBe("operator");
  await override.set(null, "42");
  put("operator again");
  expect(await modelAt(override, now + 10_000)).toBeNull();
  expect(await modelAt(override, now + DAY_MS)).toBe("operator again");
});

test("once KV has shown the own write, removing it there removes it here", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42");
  expect(await modelAt(override, T0 + LATER)).toBe("fast");
  kv.values.delete(KEY);
  expect(await modelAt(override, T0 + 2 * LATER)).toBeNull();
});

test("a choice that KV refused is written again, and holds meanwhile", async () => {
  const override = session();
  kv.before = vi.fn(async () => {}).mockRejectedValueOnce(new Error("KV PUT failed: 429 Too Many Requests"));
  await override.set({ model: "fast" }, "42");
  expect(kv.values.get(KEY)).toBeUndefined();
  expect(await modelAt(override, T0 + 3_000)).toBe("fast");
  expect(kv.values.get(KEY)).toContain("fast");
});

test("a reset that KV refused is written again, and does not pass for done", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42");
  now = T0 + 500;
  kv.before = vi.fn(async () => {}).mockRejectedValueOnce(new Error("KV DELETE failed: 429"));
  await override.set(null, "42");
  expect(kv.values.get(KEY)).toContain("fast");
  expect(await modelAt(session(), T0 + 5_000)).toBeNull();
  expect(kv.values.get(KEY)).toBeUndefined();
});

test("where nobody has chosen anything, a reset removes nothing from KV", async () => {
  await session().set(null, "42");
  expect(kv.calls).toEqual([`get ${KEY}`]);
  put("operator");
  await session().set(null, "42");
  expect(kv.values.has(KEY)).toBe(false);
});

test("a key that was removed from KV long after it was set stays removed", async () => {
  await session().set({ model: "strong" }, "42");
  kv.values.delete(KEY);
  expect(await modelAt(session(), T0 + 60_000)).toBe("strong");
  expect(await modelAt(session(), T0 + 7 * DAY_MS)).toBeNull();
  expect(kv.values.get(KEY)).toBeUndefined();
});

test("a choice takes effect although KV shows one from a clock that is ahead", async () => {
  const override = session();
  put("old", "2026-11-23T10:05:00.000Z");
  expect(await modelAt(override, T0)).toBe("old");
  now = T0 + 1;
  await override.set({ model: "fast" }, "42");
  expect(await modelAt(override, T0 + 2)).toBe("fast");
});

test("a KV that does not answer holds no turn up for long", async () => {
  vi.useFakeTimers();
  kv.before = () => new Promise(() => {});
  const reading = modelAt(session(), T0);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(await reading).toBeNull();
  vi.useRealTimers();
});

test("a value that cannot be read does not block a turn", async () => {
  kv.values.set(KEY, "not json");
  expect(await modelAt(session(), T0)).toBeNull();
});

test("a KV that cannot be read says nothing against a choice, also to an object that starts anew", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42");
  expect(await modelAt(override, T0 + LATER)).toBe("fast");
  kv.before = () => Promise.reject(new Error("KV read failed: 500 Internal Server Error"));
  expect(await modelAt(session(), T0 + DAY_MS)).toBe("fast");
});

test("an older choice that reaches KV late is replaced by the newer one", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42");
  put("late", "2026-11-23T09:59:59.000Z");
  expect(await modelAt(override, T0 + 10 * 60_000)).toBe("fast");
  expect(kv.values.get(KEY)).toContain("fast");
  expect(await modelAt(session(), T0 + DAY_MS)).toBe("fast");
});

test("a choice that KV takes only long after it was made is not lost while KV still shows nothing", async () => {
  const override = session();
  kv.before = async (operation) => {
    if (operation === "put") throw new Error("KV write failed: 500");
  };
  await override.set({ model: "fast" }, "42");
  // KV takes it half an hour later, and goes on showing nothing for a minute.
  kv.before = async (operation) => {
    if (operation === "get") kv.values.delete(KEY);
  };
  expect(await modelAt(override, T0 + 30 * 60_000)).toBe("fast");
  expect(await modelAt(session(), T0 + 31 * 60_000)).toBe("fast");
});

test("a session is freed only when KV has what was chosen last", async () => {
  const override = session();
  expect(await override.isHandedOver()).toBe(true);
  await override.set({ model: "fast" }, "42");
  now = T0 + DAY_MS;
  const refuse = vi.spyOn(kv, "delete").mockRejectedValue(new Error("KV DELETE failed: 429"));
  await override.set(null, "42");
  now += 90 * DAY_MS;
  expect(await session().isHandedOver()).toBe(false);
  refuse.mockRestore();
  now += DAY_MS;
  expect(await session().isHandedOver()).toBe(true);
  expect(kv.values.has(KEY)).toBe(false);
});
