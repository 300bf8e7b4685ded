import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Sql } from "../../src/lib/ports.ts";
import { systemClock } from "../../src/lib/time.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import { deaf, type Listener } from "../../src/sessions/listener.ts";
import { Overheard } from "../../src/sessions/overheard.ts";
import { routesWith, unscheduled } from "../support/setup.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

let texts: string[];
let sql: Sql;
/** Called before each statement; what it throws, the storage throws. */
let before: (query: string) => void;
let ended: string[];
/** What enlisting does, and how often it was tried. */
let enlist: () => Promise<void>;
let enlisted: number;
/** What the endpoint was sent: the contents of each request's messages. */
let asked: string[][];
let endpointFails: boolean;
/** What the endpoint answers; null for the number of the question. */
let answer: string | null;
/** Files that Telegram was sent, and refused. */
let files: unknown[];

beforeEach(() => {
  texts = [];
  ended = [];
  enlisted = 0;
  enlist = async () => {};
  before = () => {};
  const memory = memorySql();
  sql = {
    all(query, ...values) {
      before(query);
      return memory.all(query, ...values);
    },
    atomically: (writes) => memory.atomically(writes),
    bytes: 0,
  };
  asked = [];
  endpointFails = false;
  answer = null;
  files = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
    if (init?.body instanceof FormData) {
      files.push(init.body.get("document"));
      return Response.json({ ok: false, error_code: 400, description: "Bad Request: not enough rights" });
    }
    const { text, messages } = JSON.parse(String(init?.body));
    if (messages !== undefined) {
      asked.push(messages.map(({ content }: { content: string }) => content));
      if (endpointFails) return Response.json({ error: { message: "no" } }, { status: 400 });
      const choice = { delta: { content: answer ?? `answer ${asked.length}` }, finish_reason: "stop" };
      return new Response(`data: ${JSON.stringify({ choices: [choice] })}\n\ndata: [DONE]\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    }
    if (text !== undefined) texts.push(text);
    return Response.json({ ok: true, result: { message_id: texts.length } });
  });
});
afterEach(() => void vi.restoreAllMocks());

/** A session as an object that was just started has it, on the storage of this test. */
const start = (routes = routesWith(), overheard: Listener = new Overheard(sql)) =>
  new SessionCore({
    name: "agent:main:telegram:dm:42",
    sql,
    alarm: { set: () => {}, clear: () => {} },
    lifetime: { keepAlive: () => {}, end: (why) => ended.push(why) },
    clock: systemClock,
    kv: new MemoryKv(),
    routes,
    env: { TELEGRAM_BOT_TOKEN: "1:test-token-that-is-no-secret-000000" },
    enlist: () => {
      enlisted++;
      return enlist();
    },
    conversationOf: async () => [],
    hear: null,
    runs: null,
    scheduler: unscheduled,
    overheard,
    roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
    settingsOf: async () => ({}),
  });

let nextId = 1;
const message = (text: string): InboundMessage => ({
  delivery_id: `telegram:1:${nextId++}`,
  source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
  text,
  address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
  received_at: 0,
});

test("an object whose storage fails while it starts takes its work up once when it works again", async () => {
  const held = start();
  before = (query) => {
    if (/^\s*UPDATE exchanges/.test(query)) throw new Error("internal error: storage is unavailable");
  };
  await held.accept(message("hello"));
  await vi.waitFor(() => expect(ended).toHaveLength(1));

  const next = start();
  before = (query) => {
    if (query.includes("SET tries")) throw new Error("internal error: storage is unavailable");
  };
  expect(() => next.alarm()).toThrow("unavailable");
  before = () => {};
  next.alarm();
  await vi.waitFor(() => expect(texts).toEqual(["[base] hello"]));
  await next.accept(message("again"));
  await vi.waitFor(() => expect(texts).toEqual(["[base] hello", "[base] again"]));
});

test("on a full storage what nothing needs is forgotten, and the message is taken", async () => {
  const session = start();
  for (const text of ["one", "two", "three"]) await session.accept(message(text));
  await vi.waitFor(() => expect(texts).toHaveLength(3));
  let full = true;
  before = (query) => {
    if (query.startsWith("DELETE FROM exchanges")) full = false;
    if (full && /^(INSERT INTO|UPDATE) exchanges/.test(query))
      throw new Error("database or disk is full: SQLITE_FULL");
  };
  expect(await session.accept(message("/new"))).toBe("accepted");
  await vi.waitFor(() => expect(texts.at(-1)).toMatch(/^New conversation/));
});

describe("the register of sessions", () => {
  const answered = (count: number) => vi.waitFor(() => expect(texts).toHaveLength(count));

  test("hears of a session once a day", async () => {
    await start().accept(message("one"));
    await answered(1);
    await start().accept(message("two"));
    await answered(2);
    expect(enlisted).toBe(1);
  });

  test("that did not hear is told with the next message, by this object or another", async () => {
    enlist = () => Promise.reject(new Error("Network connection lost."));
    const held = start();
    await held.accept(message("one"));
    await answered(1);
    await held.accept(message("two"));
    await answered(2);
    await vi.waitFor(() => expect(enlisted).toBe(2));

    enlist = async () => {};
    const next = start();
    await next.accept(message("three"));
    await answered(3);
    expect(enlisted).toBe(3);
    await next.accept(message("four"));
    next.alarm();
    await answered(4);
    expect(enlisted).toBe(3);
  });

  test("is told by the alarm where an object ended before it had heard", async () => {
    enlist = () => new Promise(() => {});
    await start().accept(message("one"));
    await answered(1);
    enlist = async () => {};
    start().alarm();
    expect(enlisted).toBe(2);
  });

  test("is told at once where an object ended with its message in hand", async () => {
    enlist = () => new Promise(() => {});
    vi.mocked(fetch).mockImplementationOnce(() => new Promise(() => {}));
    await start().accept(message("one"));
    enlist = async () => {};
    await start().accept(message("two"));
    expect(enlisted).toBe(2);
  });
});

test("/retry asks without the old answer, which stays in the conversation until there is a new one", async () => {
  const base = { ...routesWith().base, provider: "custom", base_url: "https://llm.example/v1" } as const;
  const session = start(routesWith({ base }));
  const say = async (text: string) => {
    const said = texts.length;
    await session.accept(message(text));
    await vi.waitFor(() => expect(texts).toHaveLength(said + 1));
  };
  const conversation = () => session.conversation().map(({ answer }) => answer);
  await say("one");
  await say("two");
  endpointFails = true;
  await say("/retry");
  expect(asked.at(-1)).toEqual(["one", "answer 1", "two"]);
  expect(conversation()).toEqual(["answer 1", "answer 2"]);
  endpointFails = false;
  await say("/retry");
  expect(asked.at(-1)).toEqual(["one", "answer 1", "two"]);
  await vi.waitFor(() => expect(conversation()).toEqual(["answer 1", `answer ${asked.length}`]));
});

test("code whose file is refused is said as text, and its question and answer are kept", async () => {
  const base = { ...routesWith().base, provider: "custom", base_url: "https://llm.example/v1" } as const;
  const code = Array.from({ length: 900 }, (_, n) => `console.log("${n}");`).join("\n");
  answer = `Here:\n\n\`\`\`js\n${code}\n\`\`\`\n\nThat is all.`;
  const session = start(routesWith({ base }));
  await session.accept(message("one"));
  await vi.waitFor(() => expect(texts.at(-1)).toBe("That is all."));
  expect(files).toHaveLength(1);
  expect(texts.slice(1, -1).length).toBeGreaterThan(2);
  expect(texts.slice(1, -1).join("\n")).toBe(code);
  await vi.waitFor(() => expect(session.conversation()).toMatchObject([{ question: "one", answer }]));
});

test("/new hello is taken whole or not at all", async () => {
  const [session, reset] = [start(), message("/new hello")];
  let inserts = 0;
  before = (query) => {
    if (query.startsWith("INSERT INTO exchanges") && ++inserts === 2)
      throw new Error("storage is unavailable");
  };
  await expect(session.accept(reset)).rejects.toThrow("unavailable");
  expect(ended).toHaveLength(1);
  expect(await start().accept(reset)).toBe("accepted");
  await vi.waitFor(() => expect(texts).toContain("[base] hello"));
});

test("who may not use /new asks nothing with it", async () => {
  const access = { strangers: "answer", hub_peers: "answer", commands: { new: ["owner"] } } as const;
  const session = start(routesWith({ access }));
  await session.accept(message("/new hello"));
  await session.accept(message("again"));
  await vi.waitFor(() => expect(texts).toContain("[base] again"));
  await vi.waitFor(() => expect(texts).toHaveLength(2));
  expect(texts).toContain("Only the owner can use /new here.");
});

test("a command that came to no end is no question: /retry does not ask it of the model", async () => {
  const session = start();
  await session.accept(message("/usage"));
  await vi.waitFor(() => expect(texts).toHaveLength(1));
  // As three tries without an end leave it.
  sql.all(
    "INSERT INTO parked (seq, at, reason, delivery_id, message) VALUES (1, 0, 'crashed', 'x', ?)",
    JSON.stringify(message("/usage")),
  );
  sql.all("UPDATE exchanges SET outcome = 'crashed' WHERE seq = 1");
  await session.accept(message("/retry"));
  await vi.waitFor(() => expect(texts).toHaveLength(2));
  expect(texts[1]).toContain("is not kept");
});

test("what was overheard goes with the first alarm where rooms are listened to no more", () => {
  const room = start();
  room.overhear({ ...message("leeks?"), received_at: Date.now() });
  expect(room.overheard()).toHaveLength(1);

  const next = start(routesWith(), deaf(sql));
  next.alarm();
  expect(next.isBlank).toBe(true);

  expect(start().overheard()).toEqual([]);
});

test("/parked shows what got no answer, asks it again in its own words, and drops it", async () => {
  const base = { ...routesWith().base, provider: "custom", base_url: "https://llm.example/v1" } as const;
  const session = start(routesWith({ base, owners: { telegram: ["42"] } }));
  endpointFails = true;
  for (const text of ["//first", "second"]) await session.accept(message(text));
  await vi.waitFor(() => expect(texts).toHaveLength(2));
  endpointFails = false;

  await session.accept(message("/parked"));
  await vi.waitFor(() => expect(texts).toHaveLength(3));
  expect(texts[2]).toMatch(/^2 messages got no answer here:\n1: .*, rejected: .*first.*\n2: .*second/);

  await session.accept(message("/parked ask 2"));
  await vi.waitFor(() => expect(asked.at(-1)?.at(-1)).toBe("second"));
  await vi.waitFor(() => expect(texts).toHaveLength(5));
  expect(texts).toContain("Asked again: 1 message.");
  expect(texts).toContain(`answer ${asked.length}`);

  await session.accept(message("/parked drop all"));
  await session.accept(message("/parked ask 1"));
  await vi.waitFor(() => expect(texts).toHaveLength(7));
  expect(texts.slice(5)).toEqual([
    "Dropped: 1 message.",
    "There is no such message. Every message here has got its answer.",
  ]);
});
