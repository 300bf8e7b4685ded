import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env as workerEnv } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Env } from "../../src/env.ts";
import { sqlOf } from "../../src/lib/durable.ts";
import { movedKey, roomKey, sessionKey } from "../../src/message/key.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import type { Session } from "../../src/sessions/session.ts";
import { openTables } from "../../src/sessions/store/tables.ts";

const env = workerEnv as Env;

interface Call {
  readonly method: string;
  readonly body: { readonly text?: string; readonly chat_id?: string | number };
}

/** What the Bot API was asked, and how it answers. */
let calls: Call[];
let answerTelegram: (call: Call) => Response | Promise<Response>;

const texts = () => calls.filter(({ method }) => method === "sendMessage").map(({ body }) => body.text);

beforeEach(() => {
  calls = [];
  answerTelegram = () => Response.json({ ok: true, result: { message_id: calls.length } });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const method = request.url.split("/").at(-1) ?? "";
    const call = { method, body: (await request.json()) as Call["body"] };
    calls.push(call);
    return answerTelegram(call);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

let nextChat = 1000;
let nextUpdate = 1;

/** A DM of the shipped routes' owner. */
const asOwner = () => chat("42");

/** A DM of its own for each test: sessions share nothing. */
function chat(user_id?: string) {
  const id = String(nextChat++);
  const source = { platform: "telegram", chat_type: "dm", chat_id: id, user_id: user_id ?? id } as const;
  const message = (text: string): InboundMessage => ({
    delivery_id: `telegram:1234567890:${nextUpdate++}`,
    source,
    text,
    address: { chat_id: Number(id), message_thread_id: null, reply_to_message_id: null },
    received_at: Date.now(),
  });
  const open = () => env.SESSIONS.getByName(sessionKey(source));
  // A stub is of no more use once its object was aborted: each use takes a new one.
  return {
    id,
    message,
    get session() {
      return open();
    },
    say: (text: string) => open().accept(message(text)),
  };
}

interface Left {
  readonly message: object | string;
  readonly state?: string;
  readonly tries?: number;
  readonly chunks?: string;
}

/** Leaves exchanges in a session's storage as an object that ended would, and ends the object. */
async function leave(session: DurableObjectStub<Session>, exchanges: readonly Left[]): Promise<void> {
  await runInDurableObject(session, (_object, state) => {
    openTables(sqlOf(state.storage), Date.now());
    for (const { message, state: at = "waiting", tries = 0, chunks = null } of exchanges) {
      state.storage.sql.exec(
        `INSERT INTO exchanges (state, kept, at, open_from, seen_from, tries, delivery_id, message, chunks)
         VALUES (?, 0, ?, 0, 0, ?, ?, ?, ?)`,
        at,
        Date.now(),
        tries,
        typeof message === "object" && "delivery_id" in message ? String(message.delivery_id) : "none",
        typeof message === "string" ? message : JSON.stringify(message),
        chunks,
      );
    }
  });
  await evictDurableObject(session);
}

/** Until when the session's first exchange waits; null where it does not. */
async function wakeAt(session: DurableObjectStub<Session>): Promise<number | null> {
  const rows = await runInDurableObject(session, (_object, state) =>
    state.storage.sql.exec<{ wake_at: number | null }>("SELECT wake_at FROM exchanges LIMIT 1").toArray(),
  );
  return rows[0]?.wake_at ?? null;
}

test("a message is answered once, however often it is delivered", async () => {
  const { session, message } = chat();
  const hello = message("hello");
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => session.accept(hello)));
  expect(outcomes.filter((outcome) => outcome === "accepted")).toHaveLength(1);
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  expect(texts()[0]).toMatch(/^\[.+\] hello$/);
  expect(await session.accept(hello)).toBe("duplicate");
});

test("the parts of a text get one answer, although the object ended while they were waited for", async () => {
  const person = chat();
  const part = { sent_at: 1_795_000_000_000, cut: "\n" } as const;
  await person.session.accept({ ...person.message("one"), part });
  await abortAllDurableObjects();
  await person.session.accept({ ...person.message("two"), part: { sent_at: part.sent_at } });
  await vi.waitFor(() => expect(texts()).toHaveLength(1), 3_000);
  expect(texts()[0]).toMatch(/^\[.+\] one\ntwo$/);
  await person.say("three");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
});

test("messages of a chat are answered in order, and another chat is not held up", async () => {
  const [slow, quick] = [chat(), chat()];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  answerTelegram = async ({ body }) => {
    if (body.text?.endsWith(" one") && String(body.chat_id) === slow.id) await held;
    return Response.json({ ok: true, result: { message_id: 1 } });
  };
  for (const text of ["one", "two", "three"]) await slow.say(text);
  await quick.say("other");
  await vi.waitFor(() => expect(texts().some((text) => text?.endsWith("other"))).toBe(true));
  expect(texts().some((text) => text?.endsWith("two"))).toBe(false);
  release();
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/three$/));
  expect(texts().map((text) => text?.split(" ").at(-1))).toEqual(["one", "other", "two", "three"]);
});

test("messages that arrive out of order are answered in the order in which the platform counted them", async () => {
  const { session, message } = chat();
  const numbered = (sequence: number) => ({ ...message(`number ${sequence}`), sequence });
  const arriving = [1, 4, 2, 5, 3].map(numbered);
  await Promise.all(arriving.map((one) => session.accept(one)));
  await vi.waitFor(() => expect(texts()).toHaveLength(5));
  expect(texts().map((text) => text?.at(-1))).toEqual(["1", "2", "3", "4", "5"]);
});

test("/stop ends a turn that waits to be delivered, and drops what waits behind it", async () => {
  const { say } = chat();
  answerTelegram = ({ body }) =>
    body.text?.endsWith("one")
      ? Response.json({ ok: false, error_code: 429, parameters: { retry_after: 300 } }, { status: 429 })
      : Response.json({ ok: true, result: { message_id: 1 } });
  await say("one");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  await say("two");
  await say("/stop");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Stopped, and dropped 1 waiting message."));
  await say("three");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/three$/));
  expect(texts().filter((text) => text?.endsWith("two"))).toEqual([]);
});

test("/retry that is taken up again after its answer asks and says nothing more", async () => {
  const talk = chat();
  await talk.say("one");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one"]));
  const command = talk.message("/retry");
  await talk.session.accept(command);
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one"]));
  await runInDurableObject(talk.session, (_object, state) => {
    const again = "UPDATE exchanges SET state = 'waiting', open_from = 0, message = ? WHERE delivery_id = ?";
    state.storage.sql.exec(again, JSON.stringify(command), command.delivery_id);
    state.storage.sql.exec("UPDATE exchanges SET open_from = 0");
  });
  await evictDurableObject(talk.session);
  await talk.say("/status");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Conversation: 2 messages"));
  expect(texts()).toHaveLength(3);
});

test("/undo and /retry change nothing while an answer is on its way", async () => {
  const talk = chat();
  await talk.say("one");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one"]));
  answerTelegram = ({ body }) =>
    body.text?.endsWith("two")
      ? Response.json({ ok: false, error_code: 429, parameters: { retry_after: 300 } }, { status: 429 })
      : Response.json({ ok: true, result: { message_id: 1 } });
  await talk.say("two");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/two$/));
  for (const command of ["/undo", "/retry"]) await talk.say(command);
  const refusals = () => texts().filter((text) => text?.includes("still being made"));
  await vi.waitFor(() => expect(refusals()).toHaveLength(2));
  expect(await conversation(talk.session)).toEqual(["one"]);
});

test("/retry asks a picture without words again, as it came", async () => {
  const talk = chat();
  const attachments = [{ kind: "image", ref: "file-1", mime: "image/png" }];
  const picture = { ...talk.message(""), attachments } as InboundMessage;
  await leave(talk.session, [{ message: picture, tries: 3 }]);
  await talk.session.look();
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  await talk.say("/retry");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  expect(texts()[1]).not.toMatch(/not kept|no question/);
});

test("/retry asks what /stop dropped, after a restart too", async () => {
  const talk = chat();
  answerTelegram = () =>
    Response.json({ ok: false, error_code: 429, parameters: { retry_after: 300 } }, { status: 429 });
  await talk.say("one");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  await talk.say("two");
  answerTelegram = () => Response.json({ ok: true, result: { message_id: 1 } });
  await talk.say("/stop");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("dropped 1 waiting message"));
  await evictDurableObject(talk.session);
  await talk.say("/retry");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/ two$/));
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["two"]));
});

test("an answer that the platform will not take is parked and does not block what follows", async () => {
  const { session, say } = chat();
  answerTelegram = ({ body }) =>
    body.text?.endsWith("one")
      ? Response.json(
          { ok: false, error_code: 403, description: "Forbidden: bot was blocked" },
          { status: 403 },
        )
      : Response.json({ ok: true, result: { message_id: 1 } });
  await say("one");
  await say("two");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/two$/));
  const parked = await runInDurableObject(session, (_object, state) =>
    state.storage.sql.exec("SELECT reason, message, chunks FROM parked").toArray(),
  );
  expect(parked).toHaveLength(1);
  expect(parked[0]).toMatchObject({ reason: "undelivered" });
  expect(String(parked[0]?.message)).toContain("one");
});

test("an object that dies before its answer is sent sends that answer, and does not make a new one", async () => {
  const talk = chat();
  let send = false;
  answerTelegram = () =>
    send
      ? Response.json({ ok: true, result: { message_id: 77 } })
      : Response.json({ ok: false, error_code: 429, parameters: { retry_after: 300 } }, { status: 429 });
  await talk.say("hello");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  await vi.waitFor(async () => expect(await wakeAt(talk.session)).not.toBeNull());
  await abortAllDurableObjects();
  send = true;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 301_000 });
  expect(await runDurableObjectAlarm(talk.session)).toBe(true);
  vi.useRealTimers();
  await vi.waitFor(async () => {
    const rows = await runInDurableObject(talk.session, (_object, state) =>
      state.storage.sql.exec("SELECT state, sent, tries FROM exchanges").toArray(),
    );
    expect(rows).toEqual([{ state: "done", sent: '["77"]', tries: 0 }]);
  });
  expect(texts()).toHaveLength(2);
});

test("a turn that was started three times without coming to an end is told once, and parked", async () => {
  const { session, message, say } = chat();
  const poison = message("poison");
  await leave(session, [{ message: poison, tries: 2 }]);
  await say("after");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  expect(texts()[0]).toContain("Something went wrong");
  expect(texts()[1]).toMatch(/after$/);
});

test("an exchange that this version cannot read is parked, and the chat goes on", async () => {
  const talk = chat();
  const message = talk.message("x");
  await leave(talk.session, [
    { message: { ...message, source: { platform: "slack", chat_type: "dm" } } },
    { message: { ...message, source: { platform: "cli", chat_type: "salon" } } },
    { message: "{ not json" },
    { message, state: "answered", chunks: '{"v":2}' },
  ]);
  await talk.say("after");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  const rows = await runInDurableObject(talk.session, (_object, state) =>
    state.storage.sql.exec("SELECT reason FROM parked").toArray(),
  );
  expect(rows).toEqual(Array(4).fill({ reason: "unreadable" }));
});

test("/new drops what came before it, and nothing that came after, also when both are taken up at once", async () => {
  const talk = chat();
  const rows = [talk.message("before"), talk.message("/new"), talk.message("hello")];
  await leave(
    talk.session,
    rows.map((message) => ({ message })),
  );
  expect(await talk.session.accept(rows[2] ?? talk.message("hello"))).toBe("duplicate");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/hello$/));
  expect(texts().some((text) => text?.startsWith("New conversation."))).toBe(true);
});

test("/new hello begins a conversation with hello: once, also when it is delivered or taken up again", async () => {
  const talk = chat();
  await talk.say("before");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  const reset = talk.message("/new hello — there");
  expect(await talk.session.accept(reset)).toBe("accepted");
  expect(await talk.session.accept(reset)).toBe("duplicate");
  await vi.waitFor(() => expect(texts()).toHaveLength(3));
  expect(texts()[1]).toMatch(/^New conversation\./);
  expect(texts()[2]).toMatch(/ hello — there$/);
  await evictDurableObject(talk.session);
  expect(await talk.session.accept(reset)).toBe("duplicate");
  await talk.say("/status");
  await vi.waitFor(() => expect(texts()).toHaveLength(4));
  expect(texts()[3]).toContain("Conversation: 2 messages");
});

/** What the session's next turn would send of its conversation. */
const conversation = async (session: DurableObjectStub<Session>) =>
  (await session.conversation()).map(({ question }) => question);

test("/undo takes the last exchange out, once, also when its command is taken up again", async () => {
  const talk = chat();
  await talk.say("/undo");
  await vi.waitFor(() => expect(texts().at(-1)).toBe("There is nothing to take back."));
  for (const text of ["one", "two", "three"]) await talk.say(text);
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/three$/));
  await vi.waitFor(async () => expect(await conversation(talk.session)).toHaveLength(3));
  const command = talk.message("/undo");
  await talk.session.accept(command);
  await vi.waitFor(() => expect(texts().at(-1)).toBe("Taken out of the conversation: three"));
  expect(await conversation(talk.session)).toEqual(["one", "two"]);
  // As if the object had ended after the effect, before the answer was stored.
  await runInDurableObject(talk.session, (_object, state) => {
    const again = "UPDATE exchanges SET state = 'waiting', outcome = NULL, message = ? WHERE delivery_id = ?";
    state.storage.sql.exec(again, JSON.stringify(command), command.delivery_id);
  });
  await evictDurableObject(talk.session);
  await talk.say("/status");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Conversation: 4 messages"));
  expect(texts().at(-2)).toBe("Taken out of the conversation: three");
});

test("/retry asks the last question again, and its answer takes the old one's place", async () => {
  const talk = chat();
  await talk.say("/retry");
  await vi.waitFor(() => expect(texts().at(-1)).toBe("There is no question to ask again."));
  await talk.say("one");
  await talk.say("two");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one", "two"]));
  const command = talk.message("/retry");
  await talk.session.accept(command);
  await vi.waitFor(() => expect(texts()).toHaveLength(4));
  expect(texts()[3]).toMatch(/ two$/);
  expect(await talk.session.accept(command)).toBe("duplicate");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one", "two"]));
  await talk.say("/undo");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one"]));
  await talk.say("/retry");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/ one$/));
});

test("/retry asks what got no answer, and not what was asked before it", async () => {
  const talk = chat();
  await talk.say("one");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one"]));
  answerTelegram = () =>
    Response.json({ ok: false, error_code: 403, description: "Forbidden: bot was blocked" }, { status: 403 });
  await talk.say("two");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/two$/));
  answerTelegram = () => Response.json({ ok: true, result: { message_id: 9 } });
  await vi.waitFor(async () => {
    await talk.say("/status");
    await vi.waitFor(() => expect(texts().at(-1)).toContain("1 message got no answer"), 500);
  });
  await talk.say("/retry");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one", "two"]));
  await talk.say("/status");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Conversation: 4 messages"));
  expect(texts().at(-1)).not.toContain("got no answer");
});

test("/retry leaves the old answer in the conversation until there is a new one", async () => {
  const talk = chat();
  await talk.say("one");
  await talk.say("two");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one", "two"]));
  answerTelegram = () =>
    Response.json({ ok: false, error_code: 403, description: "Forbidden" }, { status: 403 });
  await talk.say("/retry");
  await vi.waitFor(() => expect(texts()).toHaveLength(3));
  answerTelegram = () => Response.json({ ok: true, result: { message_id: 9 } });
  await vi.waitFor(async () => {
    await talk.say("/status");
    await vi.waitFor(() => expect(texts().at(-1)).toContain("1 message got no answer"), 500);
  });
  expect(texts().at(-1)).toContain("Conversation: 4 messages");
  expect(await conversation(talk.session)).toEqual(["one", "two"]);
  await evictDurableObject(talk.session);
  // The question that got no answer now is asked again, still in the place of the first time.
  await talk.say("/retry");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/ two$/));
  await talk.say("/status");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Conversation: 4 messages"));
  expect(texts().at(-1)).not.toContain("got no answer");
  expect(await conversation(talk.session)).toEqual(["one", "two"]);
});

test("an unknown command gets the nearest one, and bare /model answers whoever asks", async () => {
  const { say } = chat();
  await say("/stauts");
  await vi.waitFor(() => expect(texts()[0]).toContain("Did you mean /status?"));
  for (const text of ["/modle", "/modle fast", "/sethom"]) await say(text);
  await vi.waitFor(() => expect(texts()).toHaveLength(4));
  const hints = texts()
    .slice(1)
    .map((text) => text?.includes("Did you mean"));
  // Only what this sender may run, and so not what changes the model.
  expect(hints).toEqual([true, false, false]);
  await say("/model");
  await vi.waitFor(() => expect(texts()[4]).toMatch(/^Model: /));
  await say("/model other");
  await vi.waitFor(() => expect(texts()[5]).toMatch(/^Only the owner/));
});

test("a platform's bug costs one answer, not the model call over and over", async () => {
  const { session, say } = chat();
  answerTelegram = ({ body }) => {
    if (body.text?.endsWith("one")) throw new TypeError("a bug");
    return Response.json({ ok: true, result: { message_id: 1 } });
  };
  await runInDurableObject(session, (_object, state) => {
    expect(state.id.name).toBeDefined();
  });
  await say("one");
  await say("two");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/two$/), 4_000);
  const turns = await runInDurableObject(session, (_object, state) =>
    state.storage.sql.exec("SELECT count(*) AS turns FROM exchanges WHERE usage IS NOT NULL").one(),
  );
  expect(turns).toEqual({ turns: 2 });
});

test("what a turn used is in the session's accounts", async () => {
  const { say } = chat();
  await say("hello");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  await say("/usage");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/In all:\n.+: 1 turn, /));
});

/** Numbers a message as its platform does. */
const numbered = (message: InboundMessage, sequence: number): InboundMessage => ({ ...message, sequence });
const lastWords = () => texts().map((text) => text?.split(" ").at(-1));

test("after a restart messages are answered in their platform's order, what was begun first", async () => {
  const talk = chat();
  const [six, seven] = [numbered(talk.message("six"), 6), numbered(talk.message("seven"), 7)];
  await leave(talk.session, [{ message: seven }, { message: six }]);
  expect(await talk.session.accept(six)).toBe("duplicate");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  expect(lastWords()).toEqual(["six", "seven"]);
});

test("commands are answered in order, although the first answer is refused at first", async () => {
  const { say } = chat();
  let refused = 0;
  answerTelegram = ({ body }) =>
    body.text?.includes("/first") && refused++ === 0
      ? Response.json({ ok: false, error_code: 500, description: "x" }, { status: 500 })
      : Response.json({ ok: true, result: { message_id: 1 } });
  await say("/first");
  await say("/second");
  await vi.waitFor(() => expect(texts()).toHaveLength(3), 4_000);
  expect(texts().map((text) => text?.match(/\/(?:first|second)/)?.[0])).toEqual([
    "/first",
    "/first",
    "/second",
  ]);
});

test("a command that ends its object again and again is given up", async () => {
  const talk = chat();
  await leave(talk.session, [{ message: talk.message("/status"), tries: 2 }]);
  await talk.say("/help");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  expect(texts()[0]).toContain("Something went wrong");
});

test("an answer that was never delivered is no part of the conversation", async () => {
  const { say } = chat();
  answerTelegram = ({ body }) =>
    body.text?.endsWith("one")
      ? Response.json({ ok: false, error_code: 403, description: "Forbidden" }, { status: 403 })
      : Response.json({ ok: true, result: { message_id: 1 } });
  await say("one");
  await say("two");
  await say("/status");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Conversation: 2 messages"));
});

test("a wait of minutes is stored and left to the alarm, and the object sleeps", async () => {
  const talk = chat();
  answerTelegram = () =>
    Response.json({ ok: false, error_code: 429, parameters: { retry_after: 600 } }, { status: 429 });
  await talk.say("hello");
  await vi.waitFor(async () => {
    const [row] = await runInDurableObject(talk.session, (_object, state) =>
      state.storage.sql.exec("SELECT wake_at, sending FROM exchanges").toArray(),
    );
    expect(Number(row?.wake_at)).toBeGreaterThan(Date.now() + 590_000);
    expect(row?.sending).toBeNull();
  });
});

test("what the runtime would not send goes on in the next alarm, and nothing is sent twice", async () => {
  const talk = chat();
  let left = 3;
  answerTelegram = () => {
    if (left-- <= 0) throw new Error("Too many subrequests by single Worker invocation.");
    return Response.json({ ok: true, result: { message_id: calls.length } });
  };
  await talk.say("word ".repeat(4_000));
  await vi.waitFor(async () => expect(await wakeAt(talk.session)).not.toBeNull());
  const [total, before] = [5, calls.length];
  left = 50;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2_000 });
  expect(await runDurableObjectAlarm(talk.session)).toBe(true);
  await vi.waitFor(async () => {
    const [row] = await runInDurableObject(talk.session, (_object, state) =>
      state.storage.sql.exec("SELECT state, json_array_length(sent) AS sent FROM exchanges").toArray(),
    );
    expect(row).toEqual({ state: "done", sent: total });
  });
  vi.useRealTimers();
  expect(calls.length - before).toBe(total - 3);
});

test("an idle session has no alarm, and a busy one has one", async () => {
  const talk = chat();
  await talk.say("hello");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  expect(await runDurableObjectAlarm(talk.session)).toBe(true);
  expect(await runInDurableObject(talk.session, (_object, state) => state.storage.getAlarm())).toBeNull();
});

test("a sender whose messages pile up hears once that there is no room", async () => {
  const talk = chat();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  answerTelegram = async ({ body }) => {
    if (body.text?.endsWith(" m0")) await held;
    return Response.json({ ok: true, result: { message_id: 1 } });
  };
  const outcomes: string[] = [];
  for (let n = 0; n < 60; n++) outcomes.push(await talk.say(`m${n}`));
  expect(outcomes.filter((outcome) => outcome === "full").length).toBeGreaterThan(5);
  await vi.waitFor(() => expect(texts().some((text) => text?.startsWith("Too many messages"))).toBe(true));
  release();
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/m50$/), 4_000);
  expect(texts().filter((text) => text?.startsWith("Too many messages"))).toHaveLength(1);
});

/** A message in a group, and its session. */
function inGroup(chat_id: string, text: string, more: { user_id?: string; thread_id?: string } = {}) {
  const source = { platform: "telegram", chat_type: "group", chat_id, user_id: "42", ...more } as const;
  const address = { chat_id: Number(chat_id), message_thread_id: null, reply_to_message_id: null };
  const delivery_id = `telegram:1234567890:${nextUpdate++}`;
  const message: InboundMessage = { delivery_id, source, text, address, received_at: Date.now() };
  return env.SESSIONS.getByName(sessionKey(source)).accept(message);
}

test("a group that became a supergroup keeps its conversation, its model and its settings", async () => {
  await inGroup("-31", "hello");
  await inGroup("-31", "/model small");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  await inGroup("-31", "/reasoning high");
  await vi.waitFor(() => expect(texts()).toHaveLength(3));
  await env.OVERRIDES.put(movedKey("telegram", "-10031"), "-31");
  await inGroup("-10031", "again");
  await vi.waitFor(() => expect(texts()).toHaveLength(4));
  await inGroup("-10031", "/status");
  await vi.waitFor(() => expect(texts()).toHaveLength(5));
  expect(texts()[3]).toBe("[echo-small] again");
  expect(texts()[4]).toContain("Conversation: 4 messages");
  expect(texts()[4]).toContain("Reasoning: high");
  expect(await env.OVERRIDES.get("override:agent:main:telegram:group:-10031:42")).toContain("small");
});

test("a group's move is made up for where the object ended in the middle of it", async () => {
  await inGroup("-35", "hello");
  await inGroup("-35", "/model small");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  await env.OVERRIDES.put(movedKey("telegram", "-10035"), "-35");
  const source = { platform: "telegram", chat_type: "group", chat_id: "-10035", user_id: "42" } as const;
  const address = { chat_id: -10035, message_thread_id: null, reply_to_message_id: null };
  const message = { delivery_id: "telegram:1:35", source, text: "again", address, received_at: Date.now() };
  const session = env.SESSIONS.getByName(sessionKey(source));
  await leave(session, [{ message }]);
  await session.look();
  await vi.waitFor(() => expect(texts().at(-1)).toBe("[echo-small] again"));
  await vi.waitFor(async () => expect(await conversation(session)).toEqual(["hello", "again"]));
});

test("a topic and a person of the same number share neither conversation nor model", async () => {
  await inGroup("-32", "hello");
  await inGroup("-32", "/model small");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  await inGroup("-32", "/status", { user_id: "42", thread_id: "42" });
  await vi.waitFor(() => expect(texts()).toHaveLength(3));
  expect(texts()[2]).toContain("Conversation: 0 messages");
  expect(texts()[2]).not.toContain("chosen here");
});

test("/reasoning and /personality are kept with the session, /new forgets them, and nobody else's change", async () => {
  const [owner, other] = [asOwner(), chat()];
  await owner.say("/reasoning high");
  await owner.say("/status");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Reasoning: high"));
  await evictDurableObject(owner.session);
  await owner.say("/status");
  await vi.waitFor(() =>
    expect(texts().filter((text) => text?.includes("Reasoning: high,"))).toHaveLength(3),
  );
  await other.say("/status");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("You are: stranger"));
  expect(texts().at(-1)).not.toContain("Reasoning");
  await owner.say("/new");
  await owner.say("/status");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("You are: owner"));
  expect(texts().at(-1)).not.toContain("Reasoning");
});

test("/sethome puts this chat into KV as its platform's home, which makes nobody an owner", async () => {
  const owner = asOwner();
  await owner.say("/sethome");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  expect(JSON.parse((await env.OVERRIDES.get("home:telegram")) ?? "")).toMatchObject({
    chat_id: owner.id,
    chat_type: "dm",
    set_by: "42",
  });
  const stranger = chat();
  await env.OVERRIDES.put("home:telegram", JSON.stringify({ chat_id: stranger.id, chat_type: "dm" }));
  await stranger.say("/sethome");
  await stranger.say("/status");
  await vi.waitFor(() => expect(texts()).toHaveLength(3));
  expect(texts()[1]).toMatch(/only the owner/i);
  expect(texts()[2]).toContain("You are: stranger");
});

test("an answer that was never delivered is not in what the next turn sends", async () => {
  const { session, say } = chat();
  answerTelegram = ({ body }) =>
    body.text?.endsWith("two")
      ? Response.json({ ok: false, error_code: 403, description: "Forbidden" }, { status: 403 })
      : Response.json({ ok: true, result: { message_id: 1 } });
  for (const text of ["one", "two", "three"]) await say(text);
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/three$/));
  const said = await session.conversation();
  expect(said.map(({ question }) => question)).toEqual(["one", "three"]);
});

test("buttons are stored with their answer: one that is sent after a restart has them", async () => {
  const owner = asOwner();
  let send = false;
  answerTelegram = () =>
    send
      ? Response.json({ ok: true, result: { message_id: 77 } })
      : Response.json({ ok: false, error_code: 429, parameters: { retry_after: 300 } }, { status: 429 });
  await owner.say("/model");
  await vi.waitFor(async () => expect(await wakeAt(owner.session)).not.toBeNull());
  await abortAllDurableObjects();
  send = true;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 301_000 });
  expect(await runDurableObjectAlarm(owner.session)).toBe(true);
  vi.useRealTimers();
  await vi.waitFor(() => expect(calls).toHaveLength(2));
  expect(calls[1]?.body).toEqual(calls[0]?.body);
  expect(calls[1]?.body).toMatchObject({
    reply_markup: { inline_keyboard: [[{ text: "small" }, { text: "strong" }]] },
  });
});

test("what /new took away in a topic is not another's to bring back, whose session has the same key", async () => {
  await inGroup("-33", "hello");
  await inGroup("-33", "/new");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  await inGroup("-33", "/undo new 2", { user_id: "42", thread_id: "42" });
  await inGroup("-33", "/status", { user_id: "42", thread_id: "42" });
  await vi.waitFor(() => expect(texts()).toHaveLength(4));
  expect(texts()[2]).toContain("too late");
  expect(texts()[3]).toContain("Conversation: 0 messages");
});

test("what /undo took out comes back into its own conversation only", async () => {
  const talk = chat();
  for (const text of ["one", "two", "/undo", "/new", "/undo last 2"]) await talk.say(text);
  await vi.waitFor(() => expect(texts().at(-1)).toContain("too late"));
  await talk.say("/undo new 4");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Taken back"));
  expect(await conversation(talk.session)).toEqual(["one"]);
  await talk.say("/undo last 2");
  await vi.waitFor(async () => expect(await conversation(talk.session)).toEqual(["one", "two"]));
});

test("in a shared topic /new takes the model and the settings with it, and its owner gets them back; a stranger nothing", async () => {
  const topic = { thread_id: "7" };
  const say = async (text: string, user_id: string) => {
    const said = texts().length;
    await inGroup("-34", text, { ...topic, user_id });
    await vi.waitFor(() => expect(texts()).toHaveLength(said + 1));
    return texts().at(-1);
  };
  const choose = async () => {
    await say("/model strong", "42");
    await say("/reasoning high", "42");
  };
  await say("hello", "42");
  await choose();
  await say("/new", "42");
  expect(await say("/undo new 4", "77")).toBe("Only the owner can use /undo here.");
  const without = await say("/status", "42");
  expect(without).toContain("Conversation: 0 messages");
  expect(without).not.toMatch(/chosen here/);
  expect(await say("/undo new 4", "42")).toContain("Taken back");
  expect(await say("/status", "42")).toMatch(/chosen here with \/model[\s\S]*Reasoning: high/);
});

test("/undo and /new, and what takes them back, do the same when they are taken up again", async () => {
  const talk = chat();
  for (const text of ["one", "two", "/undo"]) await talk.say(text);
  await vi.waitFor(() => expect(texts()).toHaveLength(3));
  const again = async (seq: number, text: string) => {
    const count = texts().length;
    await runInDurableObject(talk.session, (_object, state) =>
      state.storage.sql.exec(
        "UPDATE exchanges SET state = 'waiting', open_from = 0, sent = NULL, message = ? WHERE seq = ?",
        JSON.stringify(talk.message(text)),
        seq,
      ),
    );
    await evictDurableObject(talk.session);
    await talk.session.look();
    await vi.waitFor(() => expect(texts()).toHaveLength(count + 1));
    return texts().at(-1);
  };
  const messages = async () => {
    const count = texts().length;
    await talk.say("/status");
    await vi.waitFor(() => expect(texts()).toHaveLength(count + 1));
    return texts()
      .at(-1)
      ?.match(/Conversation: (\d+)/)?.[1];
  };
  expect(await again(3, "/undo")).toBe(texts()[2]);
  expect(await messages()).toBe("2");
  await talk.say("/undo last 2");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Taken back"));
  expect(await again(5, "/undo last 2")).toContain("Taken back");
  expect(await messages()).toBe("4");
  await talk.say("/new");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("New conversation"));
  await again(7, "/new");
  expect(await messages()).toBe("0");
  await talk.say("/undo new 7");
  await vi.waitFor(() => expect(texts().at(-1)).toContain("Taken back"));
  expect(await again(9, "/undo new 7")).toContain("Taken back");
  expect(await messages()).toBe("4");
});

/** A room of its own for each test, and what is said there. */
function room() {
  const source = {
    platform: "telegram",
    chat_type: "group",
    chat_id: `-${nextChat++}`,
    user_id: "42",
  } as const;
  const stub = () => env.SESSIONS.getByName(roomKey(source)) as DurableObjectStub<Session>;
  const said = (text: string, received_at = Date.now()): InboundMessage => ({
    delivery_id: `telegram:1234567890:${nextUpdate++}`,
    source: { ...source, user_name: "Anna" },
    text,
    address: {},
    received_at,
  });
  return { stub, said };
}

test("what is overheard is there after the object ends, and starts no turn", async () => {
  const { stub, said } = room();
  await stub().overhear(said("the beans are up"));
  await stub().overhear(said("at last"));
  await evictDurableObject(stub());
  expect((await stub().overheard()).map(({ from, text }) => `${from}: ${text}`)).toEqual([
    "42 Anna: the beans are up",
    "42 Anna: at last",
  ]);
  await stub().dropOverheard(Date.now() + 1_000);
  expect(await stub().overheard()).toEqual([]);
  expect(calls).toEqual([]);
});

test("after a day the alarm forgets it, and frees a room where nobody has spoken to the bot", async () => {
  const { stub, said } = room();
  const day = 24 * 60 * 60 * 1_000;
  await stub().overhear(said("of yesterday", Date.now() - day - 60_000));
  const young = room();
  await young.stub().overhear(young.said("of today"));
  for (const each of [stub, young.stub]) await runDurableObjectAlarm(each());
  expect(await tablesOf(stub())).not.toContain("meta");
  expect((await young.stub().overheard()).map(({ text }) => text)).toEqual(["of today"]);
  const armed = await runInDurableObject(young.stub(), (_, state) => state.storage.getAlarm());
  expect(armed).toBeGreaterThan(Date.now() + day - 60_000);
});

const tablesOf = (stub: DurableObjectStub<Session>) =>
  runInDurableObject(stub, (_, state) =>
    state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master")
      .toArray()
      .map(({ name }) => name),
  );
