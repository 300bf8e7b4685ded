import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Sql } from "../../src/lib/ports.ts";
import { systemClock } from "../../src/lib/time.ts";
import type { InboundMessage, Part } from "../../src/message/message.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import { Overheard } from "../../src/sessions/overheard.ts";
import { routesWith, unscheduled } from "../support/setup.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

let sql: Sql;
/** What the model was asked, by request. */
let asked: string[];
/** What the chat was shown. */
let texts: string[];
/** The messages in which a text was put in place of another. */
let edited: number[];
/** Below which messages which reaction was set. */
let reactions: string[];
/** What the model waits for before it answers. */
let held: Promise<void>;
/** What the chat waits for before it takes an answer. */
let arriving: Promise<void>;
/** Rows of exchanges written. */
let rows: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_795_000_000_000 });
  [asked, texts, edited, reactions, rows] = [[], [], [], [], 0];
  held = arriving = Promise.resolve();
  const memory = memorySql();
  sql = {
    ...memory,
    all(query, ...values) {
      if (/^\s*(INSERT INTO|UPDATE) exchanges/.test(query)) rows++;
      return memory.all(query, ...values);
    },
    atomically: (writes) => memory.atomically(writes),
    bytes: 0,
  };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
    const { text, messages, reaction, message_id } = JSON.parse(String(init?.body));
    if (reaction !== undefined) reactions.push(`${message_id} ${reaction[0].emoji}`);
    if (messages === undefined) {
      await arriving;
      if (text !== undefined) texts.push(text);
      if (text !== undefined && message_id !== undefined) edited.push(message_id);
      return Response.json({ ok: true, result: { message_id: texts.length } });
    }
    asked.push(messages.at(-1).content);
    const aborted = new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    });
    await Promise.race([held, aborted]);
    const choice = { delta: { content: `answer ${asked.length}` }, finish_reason: "stop" };
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

let objects = 0;

/** A session as an object that was just started has it, on the storage of this test. The one before is ended. */
function start(routes: Partial<CompiledRoutes> = {}) {
  const object = ++objects;
  const sleep = async (ms: number, signal?: AbortSignal) => {
    await systemClock.sleep(ms, signal);
    if (object !== objects) await new Promise(() => {});
  };
  return new SessionCore({
    name: "agent:main:telegram:dm:42",
    sql,
    alarm: { set: () => {}, clear: () => {} },
    lifetime: { keepAlive: () => {}, end: () => {} },
    clock: { ...systemClock, sleep },
    kv: new MemoryKv(),
    routes: routesWith({ base: MODEL, ...routes }),
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

let nextId = 1;
const message = (text: string, part: Partial<Part> = {}): InboundMessage => ({
  delivery_id: `telegram:1:${nextId}`,
  sequence: nextId++,
  source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
  text,
  part: { sent_at: Math.floor(Date.now() / 1_000) * 1_000, ...part },
  address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
  received_at: Date.now(),
});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const CUT = { cut: "\n" } as const;

/** Has the model wait until the result is called. */
function hold(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  held = promise;
  return resolve;
}

describe("the parts of a pasted text", () => {
  test("are one question with one answer, as soon as the last one is there", async () => {
    const session = start();
    await session.accept(message("one", CUT));
    await pass(100);
    await session.accept(message("two", CUT));
    await pass(100);
    await session.accept(message("three"));
    await pass(50);
    expect(asked).toEqual(["one\ntwo\nthree"]);
    await pass(1_000);
    expect(texts).toEqual(["answer 1"]);
    expect(session.conversation()).toMatchObject([{ question: "one\ntwo\nthree", answer: "answer 1" }]);
  });

  test("cost no more rows than as many messages", async () => {
    const session = start();
    for (const one of [message("one", CUT), message("two", CUT), message("three")]) await session.accept(one);
    await pass(1_000);
    const together = rows;
    for (const text of ["four", "five", "six"]) {
      await session.accept(message(text));
      await pass(1_000);
    }
    expect(together).toBeLessThan(rows - together);
  });

  test("are waited for a second, and an ordinary message is not", async () => {
    const session = start();
    await session.accept(message("as long as that", CUT));
    await pass(990);
    expect(asked).toEqual([]);
    await pass(20);
    expect(asked).toEqual(["as long as that"]);
    await session.accept(message("short"));
    await pass(1);
    expect(asked).toHaveLength(2);
  });

  test("are one question also when the object ends while they are waited for", async () => {
    await start().accept(message("one", CUT));
    const next = start();
    await next.accept(message("two"));
    await pass(1_100);
    expect(asked.at(-1)).toBe("one\ntwo");
    expect(texts).toHaveLength(1);
  });

  test("are answered where an object that ended had begun to answer the later one", async () => {
    const [one, two] = [message("one", CUT), message("two", CUT)];
    hold();
    const session = start();
    await session.accept(two);
    await pass(1_100);
    sql.all("UPDATE exchanges SET live = '777'");
    await session.accept(one);
    // The earlier one comes first once the store is read anew.
    const next = start();
    held = Promise.resolve();
    next.look();
    await pass(3_000);
    expect(asked.at(-1)).toBe("one\ntwo");
    expect(edited).toEqual([777]);
  });

  test("are recognised each when they are delivered again", async () => {
    const session = start();
    const [one, two] = [message("one", CUT), message("two")];
    for (const part of [one, two]) await session.accept(part);
    await pass(1_000);
    for (const part of [one, two]) expect(await session.accept(part)).toBe("duplicate");
    for (const part of [one, two]) expect(await start().accept(part)).toBe("duplicate");
    await pass(1_000);
    expect(texts).toHaveLength(1);
  });

  test("are no command where they begin with a slash, unless there is one of that name", async () => {
    const session = start();
    await session.accept(message("PATH=", CUT));
    await session.accept(message("/nothing of that name"));
    await pass(1_000);
    expect(asked).toEqual(["PATH=\n/nothing of that name"]);
    await session.accept(message("more", CUT));
    await session.accept(message("/status"));
    await pass(1_000);
    expect(asked.at(-1)).toBe("more");
    expect(texts.some((text) => text.startsWith("Model: "))).toBe(true);
  });

  test("wait together behind another question", async () => {
    const release = hold();
    const session = start();
    await session.accept(message("before"));
    for (const one of [message("one", CUT), message("two")]) await session.accept(one);
    await pass(2_000);
    release();
    await pass(500);
    expect(asked).toEqual(["before", "one\ntwo"]);
  });
});

describe("an edit", () => {
  const question = (): InboundMessage => ({ ...message("What is the time?"), ref: "7" });
  const edit = (text: string): InboundMessage => ({ ...message(text), ref: "7", edit: true });

  test("of a message that waits is what is asked, also after the object has ended", async () => {
    const release = hold();
    let session = start();
    await session.accept(message("before"));
    await session.accept(question());
    const [first, second] = [edit("What is the tide?"), edit("/tide of text")];
    for (const one of [first, second]) expect(await session.accept(one)).toBe("accepted");
    for (const one of [first, second]) expect(await session.accept(one)).toBe("duplicate");
    session = start();
    release();
    await pass(10_000);
    session.look();
    await pass(1_000);
    expect(asked.slice(-2)).toEqual(["before", "/tide of text"]);
    expect(texts).toHaveLength(2);
  });

  test("of a message that is asked, over or not known changes nothing", async () => {
    const release = hold();
    const session = start();
    await session.accept(question());
    await pass(10);
    expect(await session.accept(edit("too late"))).toBe("duplicate");
    release();
    await pass(1_000);
    expect(await session.accept(edit("much too late"))).toBe("duplicate");
    expect(await session.accept({ ...edit("of what?"), ref: "8" })).toBe("duplicate");
    await pass(1_000);
    expect(asked).toEqual(["What is the time?"]);
    expect(texts).toEqual(["answer 1"]);
  });

  test("of a command changes nothing of the question behind it, which is asked as it came", async () => {
    const release = hold();
    const session = start();
    await session.accept(message("before"));
    await pass(10);
    await session.accept({ ...message("/new hello"), ref: "7" });
    expect(await session.accept(edit("/new goodbye"))).toBe("duplicate");
    release();
    await pass(1_000);
    expect(asked).toEqual(["before", "hello"]);
  });
});

test("an edit of what was never here stores nothing", async () => {
  expect(await start().accept({ ...message("corrected"), ref: "7", edit: true })).toBe("duplicate");
  expect(sql.all("SELECT name FROM sqlite_master")).toEqual([]);
});

test("an edit of a part that is asked already leaves the other parts alone", async () => {
  const release = hold();
  const session = start();
  await session.accept({ ...message("one", CUT), ref: "7" });
  await session.accept(message("two"));
  await pass(100);
  await session.accept(message("and this is what she wrote", { forwarded: true }));
  await pass(100);
  expect(await session.accept({ ...message("ONE", CUT), ref: "7", edit: true })).toBe("duplicate");
  await pass(1_000);
  release();
  expect(asked.at(-1)).toBe("one\ntwo\nand this is what she wrote");
});

test("a forward that follows its comment is asked with it, although the comment was asked at once", async () => {
  const release = hold();
  const session = start();
  await session.accept(message("Is this true?"));
  await pass(100);
  expect(asked).toEqual(["Is this true?"]);
  await session.accept(message("The earth is flat.", { forwarded: true }));
  await pass(1_000);
  expect(asked).toEqual(["Is this true?", "Is this true?\nThe earth is flat."]);
  release();
  await pass(500);
  expect(texts).toEqual(["answer 2"]);
});

test("an album is one question, with its caption", async () => {
  const session = start();
  const album = { album: "7" };
  for (const text of ["", "What is this?", ""]) await session.accept(message(text, album));
  await pass(700);
  expect(asked).toEqual([]);
  await pass(200);
  expect(asked).toEqual(["What is this?"]);
});

test("/stop ends the wait for more, and drops what is there", async () => {
  const session = start();
  await session.accept(message("one", CUT));
  await session.accept(message("/stop"));
  await pass(2_000);
  expect(asked).toEqual([]);
  expect(texts).toEqual(["Stopped."]);
});

test("what comes while the answer before it is on its way waits too shortly to be shown", async () => {
  const session = start();
  const { promise, resolve: arrives } = Promise.withResolvers<void>();
  arriving = promise;
  await session.accept({ ...message("question 1"), ref: "1" });
  await pass(10);
  await session.accept({ ...message("question 2"), ref: "2" });
  arrives();
  await pass(100);
  expect(texts).toEqual(["answer 1", "answer 2"]);
  expect(reactions).toEqual([]);
});

test("what waits is shown once where it stands, and nothing is stored for it", async () => {
  const release = hold();
  const session = start();
  for (const ref of ["1", "2", "3"]) await session.accept({ ...message(`question ${ref}`), ref });
  await pass(100);
  expect(reactions).toEqual(["2 👀", "3 😴"]);
  expect(rows).toBe(3);
  release();
  await pass(2_000);
  expect(reactions).toHaveLength(2);
  expect(texts).toHaveLength(3);
});

describe("with `busy: interrupt`", () => {
  const from = (user_id: string, text: string): InboundMessage => {
    const one = message(text);
    return { ...one, ref: user_id, source: { ...one.source, user_id } };
  };

  test("a message stops what its sender is being answered, and is asked at once", async () => {
    hold();
    const session = start({ busy: "interrupt" });
    await session.accept(message("long"));
    await pass(10);
    held = Promise.resolve();
    await session.accept(message("rather this"));
    await pass(100);
    expect(asked).toEqual(["long", "rather this"]);
    expect(texts).toEqual(["answer 2"]);
    expect(session.conversation()).toMatchObject([{ question: "rather this", answer: "answer 2" }]);
  });

  test("a part of the question in hand does not stop it", async () => {
    hold();
    const session = start({ busy: "interrupt" });
    await session.accept(message("Is this true?"));
    await pass(10);
    held = Promise.resolve();
    await session.accept(message("Pigs can fly.", { forwarded: true }));
    await pass(1_000);
    expect(asked.at(-1)).toBe("Is this true?\nPigs can fly.");
    expect(texts).toHaveLength(1);
  });

  test("an album that is waited for is not lost to the next message", async () => {
    const session = start({ busy: "interrupt" });
    await session.accept(message("these", { album: "7" }));
    await session.accept(message("and another thing"));
    await pass(2_000);
    expect(asked).toEqual(["these", "and another thing"]);
    expect(texts).toHaveLength(2);
  });

  test("somebody else's turn is stopped only by who may use /stop", async () => {
    const access = {
      strangers: "answer",
      hub_peers: "answer",
      commands: { stop: ["owner"] },
    } as const;
    const session = start({ busy: "interrupt", access, owners: { telegram: ["42"] } });
    const release = hold();
    await session.accept(from("77", "mine"));
    await pass(10);
    await session.accept(from("78", "stranger"));
    await pass(10);
    expect(asked).toEqual(["mine"]);
    expect(reactions).toEqual(["78 👀"]);
    await session.accept(from("42", "owner"));
    await pass(10);
    release();
    await pass(1_000);
    expect(asked).toEqual(["mine", "stranger", "owner"]);
    expect(texts).toEqual(["answer 2", "answer 3"]);
  });

  test("an answer that is whole is delivered all the same", async () => {
    const session = start({ busy: "interrupt" });
    await session.accept(message("one"));
    await pass(100);
    await session.accept(message("two"));
    await pass(100);
    expect(texts).toEqual(["answer 1", "answer 2"]);
  });
});
