import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Sql } from "../../src/lib/ports.ts";
import type { ResetRules } from "../../src/routing/types.ts";
import type { SessionCore } from "../../src/sessions/core.ts";
import { FREE_AFTER_MS } from "../../src/sessions/limits.ts";
import { resetLines } from "../../src/sessions/resetting.ts";
import { wallClock } from "../../src/sessions/zone.ts";
import { ownersMessage, sessionOn, streamed } from "../support/session.ts";
import { routesWith } from "../support/setup.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("over a year with both changes of the clocks, a conversation that never rests ends once a day", () => {
  test.each([
    ["Europe/Berlin", 4 * 60],
    ["Europe/Berlin", 2 * 60 + 30],
    ["America/New_York", 1 * 60 + 30],
    ["America/Havana", 0],
    ["Pacific/Auckland", 2 * 60 + 15],
    ["UTC", 4 * 60],
  ])("in %s at minute %i", (timezone, at_minutes) => {
    const lineAt = resetLines({ daily: { at_minutes, timezone } });
    const shown = wallClock(timezone);
    const ended: number[] = [];
    const step = 7 * MINUTE;
    const start = Date.UTC(2026, 0, 1, 12);
    for (let now = start + step; now < start + 365 * DAY; now += step) {
      if (lineAt(now - step, now) !== null) ended.push(now);
    }
    expect(ended).toHaveLength(365);
    expect(new Set(ended.map((time) => Math.floor(shown(time) / DAY))).size).toBe(365);
    for (const time of ended) {
      // With the next message, or, where the clocks pass over the time, within the hour that they pass over.
      const late = (shown(time) % DAY) - at_minutes * MINUTE;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(HOUR + step);
    }
  });
});

test("each object finds the same time, whenever it begins to look", () => {
  const daily = { at_minutes: 150, timezone: "Europe/Berlin" };
  const one = resetLines({ daily });
  for (let now = Date.UTC(2026, 9, 24); now < Date.UTC(2026, 9, 27); now += 10 * MINUTE) {
    for (const before of [5 * MINUTE, HOUR, 5 * HOUR, 26 * HOUR]) {
      expect(one(now - before, now)).toBe(resetLines({ daily })(now - before, now));
    }
  }
});

test.each([
  [{ idle_ms: DAY }, DAY, null],
  [{ idle_ms: DAY }, DAY + 1, "(A new conversation: nothing was said in the last one for 24 hours.)"],
  [
    { idle_ms: 90 * MINUTE },
    2 * HOUR,
    "(A new conversation: nothing was said in the last one for 90 minutes.)",
  ],
  [{ idle_ms: HOUR }, 2 * HOUR, "(A new conversation: nothing was said in the last one for 1 hour.)"],
  [{}, 100 * DAY, null],
])("%j after %i ms", (rules, since, line) => {
  expect(resetLines(rules)(1_000, 1_000 + since)).toBe(line);
});

describe("a session", () => {
  let sql: Sql;
  let kv: MemoryKv;
  let texts: string[];
  let asked: { readonly model: string; readonly contents: readonly string[] }[];
  let held: Promise<void>;
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 12) });
    sql = memorySql();
    kv = new MemoryKv();
    [texts, asked, held] = [[], [], Promise.resolve()];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
      const { text, messages, model } = JSON.parse(String(init?.body));
      if (messages === undefined) {
        if (text !== undefined) texts.push(text);
        return Response.json({ ok: true, result: { message_id: texts.length } });
      }
      asked.push({ model, contents: messages.map(({ content }: { content: string }) => content) });
      await held;
      return streamed(`answer ${asked.length}`);
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const start = (reset: ResetRules = { idle_ms: HOUR }, storage = sql) =>
    sessionOn(
      { sql: storage, kv },
      routesWith({
        base: {
          model: "m",
          provider: "custom",
          base_url: "https://llm.test/v1",
          api_key: null,
          api_mode: "chat_completions",
        },
        models: { fast: { model: "fast-model" } },
        owners: { telegram: ["42"] },
        reset,
      }),
    );
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  async function say(session: SessionCore, text: string): Promise<string> {
    const said = texts.length;
    await session.accept(ownersMessage(text));
    for (let n = 0; n < 200 && texts.length === said; n++) await pass(10);
    await pass(10);
    return texts[said] ?? "";
  }
  const LINE = "(A new conversation: nothing was said in the last one for 1 hour.)";

  test("begins a new conversation with the next message, and says so above its answer, once", async () => {
    const session = start();
    await say(session, "one");
    expect(await say(session, "two")).toBe("answer 2");
    await pass(HOUR + MINUTE);
    expect(await say(session, "three")).toBe(`${LINE}\n\nanswer 3`);
    expect(asked.at(-1)?.contents).toEqual(["three"]);
    expect(session.conversation()).toEqual([{ question: "three", answer: "answer 3" }]);
    expect(await say(session, "four")).toBe("answer 4");
    expect(asked.at(-1)?.contents).toEqual(["three", "answer 3", "four"]);
  });

  test("says nothing with its very first message, and costs no row where it goes on", async () => {
    const written: string[] = [];
    const counting: Sql = {
      ...sql,
      all(query, ...values) {
        if (/^\s*(INSERT|UPDATE|DELETE)/.test(query)) written.push(query);
        return sql.all(query, ...values);
      },
    };
    const session = start({ idle_ms: HOUR }, counting);
    expect(await say(session, "one")).toBe("answer 1");
    written.length = 0;
    await say(session, "two");
    expect(written).toHaveLength(3);
  });

  test("returns to the routed model, and to no reasoning chosen before", async () => {
    const session = start();
    await say(session, "/model fast");
    await say(session, "/reasoning high");
    await say(session, "one");
    expect(asked.at(-1)?.model).toBe("fast-model");
    await pass(2 * HOUR);
    await say(session, "two");
    expect(asked.at(-1)?.model).toBe("m");
    expect(session.settings()).toEqual({});
    await pass(5 * MINUTE);
    expect(kv.values.size).toBe(0);
  });

  test.each(["the same object", "another object"])(
    "a /model given as that very message holds, in %s",
    async (which) => {
      const session = start();
      await say(session, "/model m");
      await say(session, "one");
      await pass(2 * HOUR);
      expect(await say(session, "/model fast")).toMatch(/^\(A new conversation: .*\)\n\nModel: fast-model /);
      await say(which === "the same object" ? session : start(), "two");
      expect(asked.at(-1)).toEqual({ model: "fast-model", contents: ["two"] });
      await pass(10 * MINUTE);
      await say(start(), "three");
      expect(asked.at(-1)?.model).toBe("fast-model");
    },
  );

  test("/new TEXT as that very message says so once", async () => {
    const session = start();
    await say(session, "one");
    await pass(2 * HOUR);
    await say(session, "/new two");
    await pass(1_000);
    expect(texts.filter((text) => text.includes(LINE))).toHaveLength(1);
    expect(asked.at(-1)?.contents).toEqual(["two"]);
  });

  test("an object that ends after the message was stored leaves nothing of it undone", async () => {
    const session = start();
    await say(session, "/model fast");
    await say(session, "one");
    await pass(2 * HOUR);
    held = new Promise(() => {});
    await session.accept(ownersMessage("two"));
    await pass(1_000);
    held = Promise.resolve();
    const said = texts.length;
    start().look();
    await pass(1_000);
    expect(texts[said]).toMatch(`${LINE}\n\nanswer`);
    expect(asked.at(-1)).toEqual({ model: "m", contents: ["two"] });
  });

  test("goes on where something is still being answered", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const session = start({ idle_ms: MINUTE });
    await say(session, "one");
    held = promise;
    await session.accept(ownersMessage("long"));
    await pass(2 * MINUTE - 30_000);
    await session.accept(ownersMessage("still there?"));
    resolve();
    await pass(1_000);
    expect(texts.slice(1).every((text) => text.startsWith("answer"))).toBe(true);
    expect(asked.at(-1)?.contents.at(0)).toBe("one");
  });

  test("ends before a message that is too long as before any other", async () => {
    const session = start();
    await say(session, "one");
    await pass(2 * HOUR);
    expect(await say(session, "x".repeat(400_000))).toMatch(/^\(A new conversation: .*too long/s);
    expect(await say(session, "two")).toMatch(/^answer/);
    expect(asked.at(-1)?.contents).toEqual(["two"]);
  });

  test("what an operator put into KV without a time stays", async () => {
    const session = start();
    await say(session, "one");
    kv.values.set("override:agent:main:telegram:dm:42", JSON.stringify({ model: "fast" }));
    await pass(2 * HOUR);
    await say(session, "two");
    expect(asked.at(-1)?.model).toBe("fast-model");
  });

  test("untouched for 90 days is freed, with its summary and its resets", async () => {
    const session = start();
    for (const text of ["one", "two", "/compress"]) await say(session, text);
    await pass(2 * HOUR);
    await say(session, "three");
    expect(await session.mayBeFreed(Date.now() - FREE_AFTER_MS)).toBe(false);
    vi.setSystemTime(Date.now() + FREE_AFTER_MS + DAY);
    expect(await session.mayBeFreed(Date.now() - FREE_AFTER_MS)).toBe(true);
  });
});
