import { beforeEach, expect, test } from "vitest";
import type { ChatMessage } from "../../src/inference/types.ts";
import type { Sql } from "../../src/lib/ports.ts";
import { estimateTokens, History } from "../../src/sessions/history.ts";
import { openTables } from "../../src/sessions/store/tables.ts";
import { memorySql } from "../support/sql.ts";

let sql: Sql;
let seq: number;
beforeEach(() => {
  sql = memorySql();
  openTables(sql, 0);
  seq = 0;
});

/** An exchange of about 50 estimated tokens, in the store and in the history. */
const say = (history: History): void =>
  keep(history, `question ${seq + 1} ${"q".repeat(60)}`, `answer ${seq + 1} ${"a".repeat(60)}`);

function keep(history: History, question: string, answer: string): void {
  const said = { seq: ++seq, question, answer };
  sql.all(
    `INSERT INTO exchanges (seq, state, kept, at, open_from, seen_from, tries, delivery_id, question, answer)
     VALUES (?, 'done', 1, 0, 0, 0, 0, ?, ?, ?)`,
    seq,
    String(seq),
    said.question,
    said.answer,
  );
  history.extend(said);
}

const BUDGET = 1_000;
const firstOf = (history: History) => history.before("next")[0]?.content.split(" ")[1];
const tokensOf = (history: History) =>
  history.before("next").reduce((sum, { content }) => sum + estimateTokens(content), 0);

test("what is sent fits the budget, begins with a question and ends with the newest answer", () => {
  const history = new History(sql, BUDGET);
  for (let n = 0; n < 100; n++) {
    say(history);
    expect(tokensOf(history) + estimateTokens("next")).toBeLessThanOrEqual(BUDGET);
  }
  const sent = history.before("next");
  expect(sent[0]?.role).toBe("user");
  expect(sent.at(-1)?.content).toContain("answer 100 ");
});

test("its beginning stays for many turns, so that endpoints' prompt caches find it again", () => {
  const history = new History(sql, BUDGET);
  let kept = 0;
  for (let n = 0; n < 200; n++) {
    const before = firstOf(history);
    say(history);
    if (before === firstOf(history)) kept++;
  }
  expect(kept).toBeGreaterThan(180);
});

test("a question that is asked again goes without its old answer, whose place the new one takes", () => {
  const history = new History(sql, BUDGET);
  for (let n = 0; n < 3; n++) say(history);
  const asked = (replaced?: number) =>
    history.before("next", replaced).map(({ content }) => content.slice(0, 10));
  expect(asked(3)).toEqual(["question 1", "answer 1 a", "question 2", "answer 2 a"]);
  expect(asked()).toHaveLength(6);
  history.extend({ seq: 4, question: "question 4", answer: "answer 4" }, 3);
  expect(asked().slice(-4)).toEqual(["question 2", "answer 2 a", "question 4", "answer 4"]);
});

/** The messages of two requests that are the same, from the beginning on. */
function sharedBy(before: readonly ChatMessage[], now: readonly ChatMessage[]): readonly ChatMessage[] {
  const differs = now.findIndex(({ content, role }, at) => {
    const other = before[at];
    return other === undefined || other.content !== content || other.role !== role;
  });
  return now.slice(0, differs < 0 ? now.length : differs);
}

test.each([
  ["short", () => 60],
  ["long", () => 1_500],
  ["uneven", (n: number) => 20 + ((n * 7_919) % 2_400)],
])("over 200 turns of %s texts, most of the history sent repeats the request before it", (_, length) => {
  const history = new History(sql, 8_000);
  const tokens = (messages: readonly ChatMessage[]) =>
    messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
  let before: readonly ChatMessage[] = [];
  let [sent, repeated] = [0, 0];
  for (let n = 0; n < 200; n++) {
    const question = `question ${n} ${"q".repeat(length(n) / 4)}`;
    const asked = history.before(question);
    sent += tokens(asked);
    repeated += tokens(sharedBy(before, asked));
    // What a request ends with is the question, with which the next one's history goes on.
    before = [...asked, { role: "user", content: question }];
    keep(history, question, `answer ${n} ${"a".repeat(length(n))}`);
  }
  console.info(
    `${((100 * repeated) / sent).toFixed(1)} % of ${sent} history tokens repeat the request before`,
  );
  expect(repeated / sent).toBeGreaterThan(0.8);
});

test("an object that starts anew sends the same", () => {
  const history = new History(sql, BUDGET);
  for (let n = 0; n < 57; n++) {
    say(history);
    history.before("next");
  }
  expect(new History(sql, BUDGET).before("next")).toEqual(history.before("next"));
});

test("a question that leaves room for nothing else is sent alone, and the conversation goes on after it", () => {
  const history = new History(sql, BUDGET);
  for (let n = 0; n < 5; n++) say(history);
  expect(history.before("x".repeat(4 * BUDGET))).toEqual([]);
  say(history);
  expect(history.before("next")).toHaveLength(2);
});

test("after /new nothing of what came before is sent, also by an object that starts anew", () => {
  const history = new History(sql, BUDGET);
  for (let n = 0; n < 5; n++) say(history);
  history.clear(seq);
  expect(history.before("next")).toEqual([]);
  say(history);
  for (const one of [history, new History(sql, BUDGET)]) {
    expect(one.before("next")).toHaveLength(2);
    expect(one.count()).toBe(2);
  }
});

test("an answer whose delivery ends only after /new is not sent either", () => {
  const history = new History(sql, BUDGET);
  say(history);
  history.before("next");
  history.clear(seq + 2);
  history.extend({ seq: seq + 1, question: "before", answer: "late" });
  expect(history.before("next")).toEqual([]);
});

test("/new can be taken back until the new conversation is longer than what is sent; then its rows make room", () => {
  const history = new History(sql, BUDGET);
  for (let n = 0; n < 5; n++) say(history);
  history.clear(5, { override: null, settings: {} });
  expect(history.keepFrom).toBe(0);
  say(history);
  expect(history.takenAwayBy(5)).not.toBeNull();
  for (let n = 0; n < 60; n++) {
    say(history);
    history.before("next");
  }
  expect(history.takenAwayBy(5)).toBeNull();
  expect(history.keepFrom).toBeGreaterThan(30);
});
