import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ReminderState } from "../../src/env.ts";
import { sessionKey } from "../../src/message/key.ts";
import type { Source } from "../../src/message/source.ts";
import { OWNER, STRANGER, Stage } from "./memory/stage.ts";

const TOPIC: Source = {
  platform: "telegram",
  chat_type: "group",
  chat_id: "-1",
  thread_id: "9",
  user_id: "77",
};
const CANARY = "tangerine-4711";
let stage: Stage;
let reminders: readonly ReminderState[];
beforeEach(() => {
  vi.useFakeTimers({ now: 1_795_000_000_000, shouldAdvanceTime: true });
  stage = new Stage();
  reminders = [];
  stage.scheduler = () => ({
    jobs: async () => [],
    runJob: async () => {},
    pauseJob: async () => {},
    remind: async () => "full",
    reminders: async () => reminders,
    cancelReminder: async (_session, id) => {
      reminders = reminders.filter((one) => one.id !== id);
      return true;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Every value that a session's storage has, as one text. */
const stored = (source: Source): string => {
  const sql = stage.sqlOf(sessionKey(source));
  return JSON.stringify(
    ["exchanges", "parked", "meta", "usage"].map((table) => sql.all(`SELECT * FROM ${table}`)),
  );
};

test("/forget leaves no word of the conversation or of memory in the storage, and says what is gone", async () => {
  stage.notes = async () => `<owner>- ${CANARY}</owner><chat>- ${CANARY}</chat>`;
  const session = stage.session(OWNER);
  await stage.say(session, OWNER, `my word is ${CANARY}`);
  await stage.say(session, OWNER, "/new");
  await vi.waitFor(() => expect(stage.logs.join()).toContain('"memory_flush"'));
  await stage.say(session, OWNER, `still ${CANARY}`);
  await stage.say(session, OWNER, "/undo");
  const sql = stage.sqlOf(sessionKey(OWNER));
  const message = JSON.stringify(stage.message(OWNER, CANARY));
  sql.all("INSERT INTO parked VALUES (0, 1, 'error', 'd', NULL, ?, NULL)", message);
  reminders = [{ id: 1, at: 1, text: CANARY }];
  expect(stored(OWNER)).toContain(CANARY);
  const receipt = await stage.say(session, OWNER, "/forget");
  expect(receipt).toContain(
    "2 questions, 1 unanswered message, 1 reminder, my notes about you, my notes about this chat",
  );
  await vi.waitFor(() => expect(stored(OWNER)).not.toContain("waiting"));
  expect(stored(OWNER)).not.toContain(CANARY);
  expect([stage.owner()({})?.text, reminders]).toEqual(["", []]);
  await stage.say(session, OWNER, "what was my word?");
  expect(stage.turns.at(-1)?.system).not.toContain(CANARY);
  expect(await stage.say(session, OWNER, "/forget")).toContain("Forgotten for good: 1 question.");
  // Another object on the same storage knows no more.
  expect(stage.session(OWNER).conversation()).toEqual([]);
});

test("what is being asked is forgotten too: its turn ends, and leaves nothing to ask again", async () => {
  const session = stage.session(STRANGER);
  await stage.say(session, STRANGER, "hello");
  vi.mocked(globalThis.fetch).mockImplementationOnce(
    async (_url, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      }),
  );
  const asks = () =>
    vi.mocked(globalThis.fetch).mock.calls.filter(([, init]) => String(init?.body).includes(CANARY));
  await session.accept(stage.message(STRANGER, `never mind ${CANARY}`));
  await vi.waitFor(() => expect(asks().length).toBeGreaterThan(0));
  expect(await stage.say(session, STRANGER, "/forget")).toContain("1 question, 1 message in hand");
  await vi.waitFor(() => expect(stored(STRANGER)).not.toContain(CANARY));
  expect(await stage.say(session, STRANGER, "/retry")).not.toContain(CANARY);
});

test("/export gives what is kept as a file, parked messages and memory with it", async () => {
  const session = stage.session(OWNER);
  await stage.say(session, OWNER, `my word is ${CANARY}`);
  await session.accept(stage.message(OWNER, "/export"));
  const sent = await vi.waitFor(() => {
    const body = vi
      .mocked(globalThis.fetch)
      .mock.calls.map(([, init]) => init?.body)
      .find((one): one is FormData => one instanceof FormData);
    if (!body) throw new Error("no file was sent");
    return body.get("document");
  });
  const { conversation, memory, usage } = JSON.parse(await new Response(sent).text());
  expect(conversation).toMatchObject([{ question: `my word is ${CANARY}`, answer: "answer 1" }]);
  expect([memory, usage]).toMatchObject([{ chat: "", owner: "" }, [{ model: "m", turns: 1 }]]);
});

test("an export of more than a file holds has the newest, and says how many are left out", async () => {
  const session = stage.session(OWNER);
  await stage.say(session, OWNER, "hello");
  const sql = stage.sqlOf(sessionKey(OWNER));
  sql.all("UPDATE exchanges SET question = ? WHERE seq = 1", "\n".repeat(600_000));
  await stage.say(session, OWNER, "the newest");
  await session.accept(stage.message(OWNER, "/export"));
  await vi.waitFor(() =>
    expect(stage.texts.join()).toContain("1 question with answers. 1 older question did not fit."),
  );
});

test("in a topic that several people share, both are the owners'", async () => {
  const session = stage.session(TOPIC);
  await stage.say(session, TOPIC, `in the topic ${CANARY}`);
  for (const command of ["forget", "export"])
    expect(await stage.say(session, TOPIC, `/${command}`)).toBe(`Only the owner can use /${command} here.`);
  expect(stored(TOPIC)).toContain(CANARY);
  await stage.say(session, { ...TOPIC, user_id: "42" }, "/forget");
  expect(stored(TOPIC)).not.toContain(CANARY);
});
