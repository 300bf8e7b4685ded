import { describe, expect, test } from "vitest";
import type { SessionCore } from "../../src/sessions/core.ts";
import { openTables } from "../../src/sessions/store/tables.ts";
import { SummarisedHistory } from "../../src/sessions/summarised-history.ts";
import { compressedChat, contents, last, MODEL, pass } from "../support/compressed-chat.ts";
import { ownersMessage } from "../support/session.ts";
import { memorySql } from "../support/sql.ts";

const { chat, turns, asks, start, say, talk } = compressedChat();

describe("with a summary", () => {
  /** Ten exchanges, of which the newest are sent word for word. */
  async function compressed(): Promise<SessionCore> {
    const session = start({ compression: undefined, history_tokens: 4_000 });
    await talk(session, 10);
    await say(session, "/compress");
    return session;
  }
  const sent = async (session: SessionCore) => {
    await say(session, "next");
    return last(turns()).messages.map(({ content }) => content.split(" ").slice(0, 2).join(" "));
  };

  test("/undo takes out what is sent word for word, and the summary stays", async () => {
    const session = await compressed();
    await say(session, "/undo");
    expect((await sent(session)).slice(0, 4)).toEqual(["[Summary of", "Noted.", "question 9", "answer 9"]);
  });

  test("/undo of what the summary has takes the summary back with it", async () => {
    const session = await compressed();
    for (let n = 0; n < 3; n++) await say(session, "/undo");
    const now = await sent(session);
    expect(now[0]).toBe("question 1");
    expect(now.slice(-3)).toEqual(["question 7", "answer 7", "next"]);
  });

  test("what /undo took out before is sent once it is put back", async () => {
    const session = start({ compression: undefined, history_tokens: 4_000 });
    await talk(session, 6);
    await say(session, "/undo");
    await talk(session, 4);
    await say(session, "/compress");
    expect(contents(last(asks()))).not.toContain("question 6 ");
    await say(session, "/undo last 6");
    expect(await sent(session)).toContain("question 6");
  });

  test("/retry of what the summary has asks without the old answer", async () => {
    const session = await compressed();
    for (let n = 0; n < 2; n++) await say(session, "/undo");
    await say(session, "/retry");
    const asking = contents(last(turns()));
    expect(asking).toContain("question 7 ");
    expect(asking).not.toContain("answer 8 ");
    expect(last(turns()).messages.filter(({ content }) => content.startsWith("question 8 "))).toHaveLength(1);
  });

  test("/new leaves it behind, and taking that back brings it back", async () => {
    const session = await compressed();
    const reset = ownersMessage("/new");
    await session.accept(reset);
    await pass(1_000);
    expect(await sent(session)).toEqual(["next"]);
    const [row] = chat.sql.all<{ seq: number }>(
      "SELECT seq FROM exchanges WHERE delivery_id = ?",
      reset.delivery_id,
    );
    await say(session, `/undo new ${row?.seq}`);
    for (const one of [session, start({ compression: undefined })]) {
      expect((await sent(one))[0]).toBe("[Summary of");
    }
  });

  test("a chat that moves takes it along as it is sent", async () => {
    const session = await compressed();
    const said = session.conversation();
    expect(said[0]?.question).toContain("> summary 1");
    expect(said).toHaveLength(3);
    expect(Object.keys(said[1] ?? {})).toEqual(["question", "answer"]);
  });

  test("/status says how full the window is, and /usage what compressing used", async () => {
    const session = start({ base: { ...MODEL, context: 2_000 }, compression: undefined });
    await talk(session, 4);
    expect(await say(session, "/status")).toMatch(
      /^Conversation: 8 messages, about 1\d % of 2\u202f000 tokens$/m,
    );
    await say(session, "/compress");
    expect(await say(session, "/status")).toMatch(/^Conversation: 8 messages, about \d % of/m);
    expect(await say(session, "/usage")).toMatch(/^m: 4 turns, 500 tokens in, 50 tokens out/m);
  });
});

test("what a chat brought along from its old id is sent again once a summary of it is gone", () => {
  const sql = memorySql();
  openTables(sql, 0);
  const history = new SummarisedHistory(sql, 1_000);
  history.adopt([1, 2, 3].map((n) => ({ question: `question ${n}`, answer: `answer ${n}` })));
  history.summarise({ seq: -1, question: "summary", answer: "Noted.", tokens: 10, by: 1 }, 0);
  expect(history.read().map(({ question }) => question)).toEqual(["summary", "question 3"]);
  history.takeOut(-1);
  expect(history.read().map(({ question }) => question)).toEqual(["question 1", "question 3"]);
});
