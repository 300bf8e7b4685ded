import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OWNER, Stage } from "./stage.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_7911_000_000_000, shouldAdvanceTime: true }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a conversation that ends by itself is remembered, once", async () => {
  const stage = new Stage({ reset: { idle_ms: 60_000 } });
  const session = stage.session(OWNER);
  await stage.say(session, OWNER, "my dog is called Bello");
  vi.setSystemTime(Date.now() + 61_000);
  expect(await stage.say(session, OWNER, "hello")).toMatch(/^\(A new conversation: .*\n\nanswer 2$/s);
  // As the session's alarm does: it did not ask while the turn went on.
  await vi.advanceTimersByTimeAsync(11_000);
  session.look();
  await vi.waitFor(() => expect(stage.flushes).toHaveLength(1));
  expect(stage.flushes[0]?.text).toContain("my dog is called Bello");
  expect(stage.flushes[0]?.text).not.toContain("hello");
  await stage.say(session, OWNER, "and now?");
  await vi.advanceTimersByTimeAsync(11_000);
  session.look();
  expect(stage.flushes).toHaveLength(1);
});

test("what a summary takes the place of is remembered, and not what is kept word for word", async () => {
  const stage = new Stage();
  const session = stage.session(OWNER);
  for (const text of ["my dog is called Bello", ...["b", "c", "d"].map((letter) => letter.repeat(600))])
    await stage.say(session, OWNER, text);
  expect(await stage.say(session, OWNER, "/compress")).toMatch(/^Compressed/);
  await vi.waitFor(() => expect(stage.flushes).toHaveLength(1));
  expect(stage.flushes[0]?.text).toContain("my dog is called Bello");
  expect(stage.flushes[0]?.text).not.toContain("d".repeat(600));
});
