import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/lib/time.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import { Overheard } from "../../src/sessions/overheard.ts";
import { routesWith, unscheduled } from "../support/setup.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

const [OWNER, EVE] = ["42", "7"];
/** The questions of requests that were not given up. */
let running: string[];
/** What the topic was shown. */
let texts: string[];
let core: SessionCore;
let nextId: number;

beforeEach(() => {
  [running, texts, nextId] = [[], [], 1];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
    const { text, messages } = JSON.parse(String(init?.body));
    if (messages === undefined) {
      if (text !== undefined) texts.push(text);
      return Response.json({ ok: true, result: { message_id: nextId++ } });
    }
    const question: string = messages.at(-1).content;
    running.push(question);
    return new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => {
        running = running.filter((one) => one !== question);
        reject(new Error("aborted"));
      });
    });
  });
});
afterEach(() => vi.restoreAllMocks());

/** A topic in which an owner and strangers write. */
function start(routes: Partial<CompiledRoutes> = {}): void {
  const sql = memorySql();
  const base = {
    model: "m",
    provider: "custom",
    base_url: "https://llm.test/v1",
    api_key: null,
    api_mode: "chat_completions",
  } as const;
  core = new SessionCore({
    name: "agent:main:telegram:group:-1:9",
    sql,
    alarm: { set: () => {}, clear: () => {} },
    lifetime: { keepAlive: () => {}, end: () => {} },
    clock: systemClock,
    kv: new MemoryKv(),
    routes: routesWith({ base, owners: { telegram: [OWNER] }, ...routes }),
    env: { TELEGRAM_BOT_TOKEN: "1:test-token-that-is-no-secret-000000" },
    enlist: async () => {},
    conversationOf: async () => [],
    settingsOf: async () => ({}),
    hear: null,
    runs: null,
    scheduler: unscheduled,
    overheard: new Overheard(sql),
    roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
  });
}

const say = (user_id: string, text: string) =>
  core.accept({
    delivery_id: `telegram:1:${nextId++}`,
    source: { platform: "telegram", chat_type: "group", chat_id: "-1", thread_id: "9", user_id },
    text,
    address: { chat_id: -1, message_thread_id: 9, reply_to_message_id: null },
    received_at: Date.now(),
  } satisfies InboundMessage);

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 2_000, interval: 5 });

test("a stranger's /stop ends the stranger's own turns, and an owner's everybody's", async () => {
  start();
  await say(OWNER, "the owner's");
  await say(EVE, "the stranger's");
  await eventually(() => expect(running).toEqual(["the owner's"]));
  await say(EVE, "/stop");
  await eventually(() => expect(texts).toEqual(["Stopped, and dropped 1 waiting message."]));
  expect(running).toEqual(["the owner's"]);
  await say(EVE, "/stop");
  await eventually(() => expect(texts.at(-1)).toBe("There is nothing to stop."));
  expect(running).toEqual(["the owner's"]);
  await say(EVE, "another");
  await say(OWNER, "/stop");
  await eventually(() => expect(texts.at(-1)).toBe("Stopped, and dropped 1 waiting message."));
  expect(running).toEqual([]);
});

test("a stranger's message does not interrupt another's answer, and an owner's does", async () => {
  start({ busy: "interrupt" });
  await say(OWNER, "the owner's");
  await eventually(() => expect(running).toEqual(["the owner's"]));
  await say(EVE, "the stranger's");
  await say(EVE, "/whoami");
  await eventually(() => expect(texts).toHaveLength(1));
  expect(running).toEqual(["the owner's"]);
  await say(OWNER, "rather this");
  await eventually(() => expect(running).toEqual(["the stranger's"]));
});

test("a stranger clears nothing there, nor takes anything back", async () => {
  start();
  for (const command of ["/new", "/reset hello", "/undo", "/undo new 1", "/retry"]) {
    await say(EVE, command);
    await eventually(() => expect(texts.at(-1)).toMatch(/^Only the owner can use \/\w+ here\.$/));
    texts.length = 0;
  }
  expect(running).toEqual([]);
  await say(OWNER, "/new");
  await eventually(() => expect(texts.at(-1)).toMatch(/^New conversation/));
});
