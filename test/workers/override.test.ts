import { env } from "cloudflare:workers";
import { beforeEach, expect, test, vi } from "vitest";
import type { Env } from "../../src/env.ts";
import { SessionOverride } from "../../src/sessions/override.ts";

const kv = (env as Env).OVERRIDES;
const KEY = "override:agent:main:telegram:dm:42";
const FRESH_MS = 1_000;
const T0 = Date.parse("2026-11-23T10:00:00.000Z");

let kept: string | null;
const slot = {
  read: () => kept,
  write: (value: string) => {
    kept = value;
  },
};
const session = () => new SessionOverride(kv, "agent:main:telegram:dm:42", slot, FRESH_MS);
const model = async (override: SessionOverride, at: number) => (await override.current(at))?.model ?? null;

beforeEach(async () => {
  kept = null;
  await kv.delete(KEY);
});

test("an override is in force at once, in KV without a key, and still there after a restart", async () => {
  const override = session();
  await override.set({ model: "fast", api_key: "sk-secret" }, "42", T0);
  expect(await model(override, T0)).toBe("fast");
  expect(await kv.get(KEY)).toBe(
    JSON.stringify({ model: "fast", set_by: "42", set_at: "2026-11-23T10:00:00.000Z" }),
  );
  expect(await model(session(), T0 + 1)).toBe("fast");
});

test("while KV still shows the old value, the own write wins", async () => {
  const override = session();
  await kv.put(KEY, JSON.stringify({ model: "old", set_by: "42", set_at: "2026-11-23T09:00:00.000Z" }));
  expect(await model(override, T0)).toBe("old");
  await override.set({ model: "fast" }, "42", T0);
  await kv.put(KEY, JSON.stringify({ model: "old", set_by: "42", set_at: "2026-11-23T09:00:00.000Z" }));
  expect(await model(override, T0 + 2 * FRESH_MS)).toBe("fast");
  expect(await model(session(), T0 + 3 * FRESH_MS)).toBe("fast");
});

test("a reset wins over an old value that KV still shows", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42", T0);
  await override.set(null, "42", T0 + 10);
  await kv.put(KEY, JSON.stringify({ model: "fast", set_by: "42", set_at: "2026-11-23T10:00:00.000Z" }));
  expect(await model(override, T0 + 2 * FRESH_MS)).toBeNull();
});

test("a newer value written elsewhere takes over", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42", T0);
  await kv.put(
    KEY,
    JSON.stringify({ model: "strong", set_by: "console", set_at: "2026-11-23T11:00:00.000Z" }),
  );
  expect(await model(override, T0 + 2 * FRESH_MS)).toBe("strong");
});

test("once KV has shown the own write, removing it there removes it here", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42", T0);
  expect(await model(override, T0 + 2 * FRESH_MS)).toBe("fast");
  await kv.delete(KEY);
  expect(await model(override, T0 + 4 * FRESH_MS)).toBeNull();
});

test("a choice that KV refused is written again, and holds meanwhile", async () => {
  const override = session();
  const put = vi.spyOn(kv, "put").mockRejectedValueOnce(new Error("KV PUT failed: 429 Too Many Requests"));
  await override.set({ model: "fast" }, "42", T0);
  expect(await kv.get(KEY)).toBeNull();
  expect(await model(override, T0 + 3 * FRESH_MS)).toBe("fast");
  expect(await kv.get(KEY)).toContain("fast");
  put.mockRestore();
});

test("a reset that KV refused is written again, and does not pass for done", async () => {
  const override = session();
  await override.set({ model: "fast" }, "42", T0);
  const remove = vi.spyOn(kv, "delete").mockRejectedValueOnce(new Error("KV DELETE failed: 429"));
  await override.set(null, "42", T0 + 500);
  expect(await kv.get(KEY)).toContain("fast");
  expect(await model(session(), T0 + 5 * FRESH_MS)).toBeNull();
  expect(await kv.get(KEY)).toBeNull();
  remove.mockRestore();
});

test("a key that was removed from KV long after it was set stays removed", async () => {
  await session().set({ model: "strong" }, "42", T0);
  await kv.delete(KEY);
  expect(await model(session(), T0 + 60_000)).toBe("strong");
  expect(await model(session(), T0 + 7 * 24 * 3_600_000)).toBeNull();
  expect(await kv.get(KEY)).toBeNull();
});

test("a choice takes effect although KV shows one from a clock that is ahead", async () => {
  const override = session();
  await kv.put(KEY, JSON.stringify({ model: "old", set_by: "console", set_at: "2026-11-23T10:05:00.000Z" }));
  expect(await model(override, T0)).toBe("old");
  await override.set({ model: "fast" }, "42", T0 + 1);
  expect(await model(override, T0 + 2)).toBe("fast");
});

test("a KV that does not answer holds no turn up for long", async () => {
  vi.spyOn(kv, "get").mockImplementationOnce((() => new Promise(() => {})) as unknown as typeof kv.get);
  expect(await model(session(), T0)).toBeNull();
});

test("a value that cannot be read does not block a turn", async () => {
  await kv.put(KEY, "not json");
  expect(await model(session(), T0)).toBeNull();
});
