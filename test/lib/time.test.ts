import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { within } from "../../src/lib/time.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Resolves when the signal aborts. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve("given up")));

test("work that is done in time leaves no timer behind, which would keep a Durable Object awake", async () => {
  expect(await within(1_000, async () => "done")).toBe("done");
  await expect(within(1_000, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(vi.getTimerCount()).toBe(0);
});

test("work is told when its time is over, not before", async () => {
  let ended = false;
  const work = within(1_000, untilAborted).finally(() => {
    ended = true;
  });
  await vi.advanceTimersByTimeAsync(999);
  expect(ended).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await work).toBe("given up");
});

test("work is told at once when the caller gives up, also if it already has", async () => {
  const caller = new AbortController();
  const work = within(1_000, untilAborted, caller.signal);
  caller.abort();
  expect(await work).toBe("given up");
  expect(await within(1_000, async (signal) => signal.aborted, caller.signal)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
