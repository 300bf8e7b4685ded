import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Sql } from "../../src/lib/ports.ts";
import { systemClock } from "../../src/lib/time.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import { FEATURES } from "../../src/sessions/features.ts";
import { deaf } from "../../src/sessions/listener.ts";
import { routesWith, unscheduled } from "../support/setup.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

let sql: Sql;
let kv: MemoryKv;
/** What the chat has, oldest first. */
let texts: string[];
/** What the endpoint was asked: the contents of each request's messages, and its model. */
let asked: { readonly model: string; readonly messages: readonly string[] }[];
/** Requests that the endpoint has not answered, by their last message; each is answered with what it is called with. */
let held: Map<string, (answer: string) => void>;
/** Whether Telegram takes messages. */
let isReachable: boolean;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 24) });
  [sql, kv, texts, asked, held, isReachable] = [memorySql(), new MemoryKv(), [], [], new Map(), true];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
    const { model, text, messages } = JSON.parse(String(init?.body));
    if (messages === undefined) {
      if (text === undefined) return Response.json({ ok: true, result: true });
      if (!isReachable) return Response.json({ ok: false, parameters: { retry_after: 5 } }, { status: 429 });
      texts.push(text);
      return Response.json({ ok: true, result: { message_id: texts.length } });
    }
    const contents: string[] = messages.map(({ content }: { content: string }) => content);
    asked.push({ model, messages: contents });
    const content = await new Promise<string>((resolve, reject) => {
      held.set(contents.at(-1) ?? "", resolve);
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });
    if (content === "fail") return Response.json({ error: { message: "no" } }, { status: 400 });
    const choice = { delta: { content }, finish_reason: "stop" };
    return new Response(`data: ${JSON.stringify({ choices: [choice] })}\n\ndata: [DONE]\n\n`, {
      headers: { "content-type": "text/event-stream" },
    });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const MODEL = {
  model: "m",
  provider: "custom",
  base_url: "https://llm.test/v1",
  api_key: null,
  api_mode: "chat_completions",
} as const;
const ROUTES = routesWith({
  base: MODEL,
  owners: { telegram: ["42"] },
  models: { strong: { model: "strong" } },
});

let objects = 0;

/** A session as an object that was just started has it, on the storage of this test. The one before is ended. */
function start() {
  const object = ++objects;
  const all: Sql["all"] = (query, ...values) => {
    if (object !== objects) throw new Error("this object has ended");
    return sql.all(query, ...values);
  };
  return new SessionCore({
    name: "agent:main:telegram:dm:42",
    sql: { all, atomically: (writes) => sql.atomically(writes), bytes: 0 },
    alarm: { set: () => {}, clear: () => {} },
    lifetime: { keepAlive: () => {}, end: () => {} },
    clock: systemClock,
    kv,
    routes: ROUTES,
    env: { TELEGRAM_BOT_TOKEN: "1:test-token-that-is-no-secret-000000" },
    features: FEATURES,
    enlist: async () => {},
    conversationOf: async () => [],
    settingsOf: async () => ({}),
    hear: null,
    runs: null,
    scheduler: unscheduled,
    overheard: deaf(sql),
    roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
  });
}

let nextId = 1;
const message = (text: string, changes: Partial<InboundMessage> = {}): InboundMessage => ({
  delivery_id: `telegram:1:${nextId++}`,
  source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
  text,
  address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
  received_at: Date.now(),
  ...changes,
});
const pass = (ms = 10) => vi.advanceTimersByTimeAsync(ms);

/** Sends a message, and lets the session go on until it waits for the endpoint. */
async function say(session: SessionCore, text: string, changes: Partial<InboundMessage> = {}): Promise<void> {
  await session.accept(message(text, changes));
  await pass();
}

/** Has the endpoint answer the question that ends with this message. */
async function answer(question: string, text: string): Promise<void> {
  const resolve = held.get(question);
  if (!resolve) throw new Error(`nothing was asked: ${question}`);
  held.delete(question);
  resolve(text);
  await pass();
}

describe("a background task", () => {
  test("is acknowledged at once and answered in the same chat, under the beginning of its prompt", async () => {
    const session = start();
    await say(session, "/background How do tides work?\nIn detail.");
    expect(texts).toEqual(["Task 1 has begun; its answer comes here. /tasks shows what is running."]);
    await answer("How do tides work?\nIn detail.", "The moon pulls.");
    expect(texts.slice(1)).toEqual(["Task 1: How do tides work? In detail.\n\nThe moon pulls."]);
  });

  test("has several names, keeps its prompt as it was written, and without one says how to use it", async () => {
    const session = start();
    await say(session, "/bg");
    expect(texts.at(-1)).toContain("/background How do tides work?");
    await say(session, "/btw is — a dash?");
    expect(asked.map(({ messages }) => messages)).toEqual([["is — a dash?"]]);
  });

  test("is asked without the conversation, and is no part of it", async () => {
    const session = start();
    await say(session, "hello");
    await answer("hello", "hi");
    await say(session, "/bg aside");
    await say(session, "go on");
    expect(asked.slice(1).map(({ messages }) => messages)).toEqual([["aside"], ["hello", "hi", "go on"]]);
    await answer("aside", "beside");
    await answer("go on", "sure");
    expect(session.conversation().map(({ question }) => question)).toEqual(["hello", "go on"]);
    expect(
      start()
        .conversation()
        .map(({ question }) => question),
    ).toEqual(["hello", "go on"]);
  });

  test("goes on through /stop, /new and /retry", async () => {
    const session = start();
    await say(session, "/bg slow");
    await say(session, "/stop");
    await say(session, "/new");
    await say(session, "/retry");
    expect(texts.at(-1)).toBe("There is no question to ask again.");
    await answer("slow", "done");
    expect(texts.at(-1)).toBe("Task 1: slow\n\ndone");
    await say(session, "/retry");
    expect(texts.at(-1)).toBe("There is no question to ask again.");
  });

  test("that fails says so under its prompt, and is not asked again by /retry", async () => {
    const session = start();
    await say(session, "/bg hard");
    await answer("hard", "fail");
    expect(texts.at(-1)).toMatch(/^Task 1: hard\n\n.*model/s);
    await say(session, "/retry");
    expect(texts.at(-1)).toBe("There is no question to ask again.");
  });

  test("is paid for: /usage counts it", async () => {
    const session = start();
    await say(session, "/bg hello");
    await answer("hello", "hi");
    await say(session, "/usage");
    expect(texts.at(-1)).toMatch(/m\b.*1 turn/s);
  });

  test("keeps its session from being freed", async () => {
    const session = start();
    await say(session, "/bg slow");
    const later = Date.now() + 1;
    expect(await session.mayBeFreed(later)).toBe(false);
    await answer("slow", "done");
    expect(await session.mayBeFreed(later)).toBe(true);
  });

  test("is not for strangers, unless the routes file says so", async () => {
    const stranger = {
      source: { platform: "telegram", chat_type: "dm", chat_id: "7", user_id: "7" },
    } as const;
    await say(start(), "/bg free lunch", stranger);
    expect(texts).toEqual(["Only the owner can use /background here."]);
    expect(asked).toEqual([]);
  });
});

describe("at most three at once", () => {
  test("run beside each other; the fourth is told so, and may begin when one is over", async () => {
    const session = start();
    for (const name of ["a", "b", "c"]) await say(session, `/bg ${name}`);
    expect([...held.keys()]).toEqual(["a", "b", "c"]);
    await say(session, "/bg d");
    expect(texts.at(-1)).toContain("Too many tasks");
    await answer("b", "done");
    await say(session, "/bg d");
    expect([...held.keys()]).toEqual(["a", "c", "d"]);
  });

  test("/tasks lists them, and how long they run", async () => {
    const session = start();
    await say(session, "/tasks");
    expect(texts.at(-1)).toContain("No background task");
    await say(session, "/bg one");
    await pass(45_000);
    await say(session, "/bg two");
    await say(session, "/tasks");
    expect(texts.at(-1)).toContain("Task 2, for 45 s: one");
    expect(texts.at(-1)).toContain("Task 4, for 0 s: two");
  });

  test("/tasks stop ends the one that is named, and nothing more is said of it", async () => {
    const session = start();
    await say(session, "/bg one");
    await say(session, "/bg two");
    await say(session, "/tasks stop 1");
    await pass();
    expect(texts.at(-1)).toBe("Stopped task 1.");
    await say(session, "/tasks stop 1");
    expect(texts.at(-1)).toBe("No task 1 is running here.");
    await answer("two", "done");
    expect(texts.at(-1)).toBe("Task 3: two\n\ndone");
    expect(texts.filter((text) => text.includes("Task 1:"))).toEqual([]);
    expect(session.isBlank).toBe(false);
    expect(await session.mayBeFreed(Date.now() + 1)).toBe(true);
  });
});

describe("where its object ends", () => {
  test("a task goes on in the next one, and its answer comes once", async () => {
    const session = start();
    await say(session, "/bg slow");
    const next = start();
    next.alarm();
    await pass();
    expect(asked).toHaveLength(2);
    await answer("slow", "done");
    expect(texts.filter((text) => text.endsWith("done"))).toHaveLength(1);
    expect(texts).toHaveLength(2);
  });

  test("again and again, it is given up and its sender told", async () => {
    await say(start(), "/bg deadly");
    for (let end = 0; end < 4; end++) {
      start().alarm();
      await pass();
    }
    expect(asked).toHaveLength(3);
    expect(texts.at(-1)).toMatch(/^Task 1: deadly\n\nSomething went wrong/);
  });

  test("before its command is answered, it begins once, behind that answer", async () => {
    isReachable = false;
    await say(start(), "/bg slow");
    start().alarm();
    await pass();
    expect(asked).toEqual([]);
    isReachable = true;
    start().alarm();
    await pass(10_000);
    expect(texts).toEqual([expect.stringMatching(/^Task 1 has begun/)]);
    await answer("slow", "done");
    expect(texts).toHaveLength(2);
    expect(asked).toHaveLength(1);
  });

  test("with its answer on its way, the answer is delivered by the next one, and not asked for again", async () => {
    await say(start(), "/bg slow");
    isReachable = false;
    await answer("slow", "done");
    isReachable = true;
    start().alarm();
    await pass(60_000);
    expect(asked).toHaveLength(1);
    expect(texts.at(-1)).toBe("Task 1: slow\n\ndone");
  });
});
