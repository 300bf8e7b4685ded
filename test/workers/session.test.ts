import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env as workerEnv } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Env } from "../../src/env.ts";
import { sessionKey } from "../../src/message/key.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { assistantEntry, History, userEntry } from "../../src/sessions/history.ts";
import { SessionStore } from "../../src/sessions/store.ts";

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

/** A DM of its own for each test: sessions share nothing. */
function chat() {
  const id = String(nextChat++);
  const source = { platform: "telegram", chat_type: "dm", chat_id: id, user_id: id } as const;
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

test("a message is answered once, however often it is delivered", async () => {
  const { session, message } = chat();
  const hello = message("hello");
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => session.accept(hello)));
  expect(outcomes.filter((outcome) => outcome === "accepted")).toHaveLength(1);
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  expect(texts()[0]).toMatch(/^\[.+\] hello$/);
  expect(await session.accept(hello)).toBe("duplicate");
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
    state.storage.sql.exec("SELECT outcome, message, chunks FROM inbox WHERE state = 'parked'").toArray(),
  );
  expect(parked).toHaveLength(1);
  expect(parked[0]).toMatchObject({ outcome: "undelivered" });
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
  await abortAllDurableObjects();
  send = true;
  expect(await runDurableObjectAlarm(talk.session)).toBe(true);
  await vi.waitFor(async () => {
    const rows = await runInDurableObject(talk.session, (_object, state) =>
      state.storage.sql.exec("SELECT state, sent, tries FROM inbox").toArray(),
    );
    expect(rows).toEqual([{ state: "done", sent: '["77"]', tries: 0 }]);
  });
  expect(texts()).toHaveLength(2);
});

test("a turn that was started three times without coming to an end is told once, and parked", async () => {
  const { session, message, say } = chat();
  const poison = message("poison");
  await runInDurableObject(session, (_object, state) => {
    state.storage.sql.exec(
      "INSERT INTO inbox (delivery_id, state, tries, message, updated_at) VALUES (?, 'waiting', 2, ?, 0)",
      poison.delivery_id,
      JSON.stringify(poison),
    );
  });
  await evictDurableObject(session);
  await say("after");
  await vi.waitFor(() => expect(texts()).toHaveLength(2));
  expect(texts()[0]).toContain("Something went wrong");
  expect(texts()[1]).toMatch(/after$/);
});

test("a row that this version cannot read is parked, and the chat goes on", async () => {
  const talk = chat();
  await runInDurableObject(talk.session, (_object, state) => {
    for (const [id, message] of [
      ["newer", JSON.stringify({ ...talk.message("x"), source: { platform: "slack", chat_type: "dm" } })],
      ["unknown", JSON.stringify({ ...talk.message("x"), source: { platform: "cli", chat_type: "dm" } })],
      ["broken", "{ not json"],
    ]) {
      state.storage.sql.exec(
        "INSERT INTO inbox (delivery_id, state, tries, message, updated_at) VALUES (?, 'waiting', 0, ?, 0)",
        id,
        message,
      );
    }
  });
  await evictDurableObject(talk.session);
  await talk.say("after");
  await vi.waitFor(() => expect(texts()).toHaveLength(1));
  const rows = await runInDurableObject(talk.session, (_object, state) =>
    state.storage.sql.exec("SELECT state, outcome FROM inbox ORDER BY seq LIMIT 3").toArray(),
  );
  expect(rows).toEqual(Array(3).fill({ state: "parked", outcome: "unreadable" }));
});

test("/new drops what came before it, and nothing that came after, also when both are taken up at once", async () => {
  const talk = chat();
  const rows = [talk.message("before"), talk.message("/new"), talk.message("hello")];
  await runInDurableObject(talk.session, (_object, state) => {
    for (const row of rows) {
      state.storage.sql.exec(
        "INSERT INTO inbox (delivery_id, state, tries, message, updated_at) VALUES (?, 'waiting', 0, ?, 0)",
        row.delivery_id,
        JSON.stringify(row),
      );
    }
  });
  await evictDurableObject(talk.session);
  expect(await talk.session.accept(rows[2] ?? talk.message("hello"))).toBe("duplicate");
  await vi.waitFor(() => expect(texts().at(-1)).toMatch(/hello$/));
  expect(texts().some((text) => text?.startsWith("New conversation."))).toBe(true);
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
    state.storage.sql.exec("SELECT count(*) AS turns FROM turns").one(),
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

test("a turn reads only the newest part of a long conversation, from a user's message on", async () => {
  const { session } = chat();
  await runInDurableObject(session, (_object, state) => {
    const store = new SessionStore(state.storage);
    for (let i = 0; i < 1_000; i++) {
      store.append([{ role: i % 2 === 0 ? "user" : "assistant", content: `message ${i}`, tokens: 50 }], 0);
    }
    const history = new History(store, 1_025);
    const next = userEntry("next");
    const sent = history.before(next);
    // Twenty fit beside the next message, and the first of them is the user's.
    expect(sent).toHaveLength(20);
    expect(sent[0]).toMatchObject({ role: "user", content: "message 980" });
    store.append([next, assistantEntry("answer")], 0);
    history.extend(next, assistantEntry("answer"));
    expect(history.before(userEntry("again")).at(-1)).toMatchObject({ role: "assistant", content: "answer" });
    expect(new History(store, 1_025).before(userEntry("again")).at(-1)).toMatchObject({ content: "answer" });
  });
});
