import * as v from "valibot";
import type { QuestionAndAnswer } from "../../env.ts";
import type { Sql } from "../../lib/ports.ts";
import { number } from "../../lib/schema.ts";
import { StoredOverride } from "../../routing/override.ts";
import { SessionSettings } from "../../routing/settings.ts";
import { readMetaAs, writeMeta } from "./tables.ts";

/** A question and its answer, and their place. */
export interface Said extends QuestionAndAnswer {
  readonly seq: number;
}

/** Where the conversation begins, and from where on it is sent to the model. Both are seqs. */
const Place = { from: number, window: number };
/** What `/new` took away: the conversation, and what was chosen for it. */
const Before = v.object({
  ...Place,
  override: v.nullable(StoredOverride),
  settings: SessionSettings,
});
export type Before = Readonly<v.InferOutput<typeof Before>>;
/** `before` is there while the newest `/new` can be taken back. */
const Marks = v.object({ ...Place, before: v.optional(Before) });
export type Marks = Readonly<v.InferOutput<typeof Marks>>;

const MARKS = "conversation";
/** `kept` of an exchange that is out of the conversation and can be put back: such a row makes no room. */
const TAKEN_OUT = -1;
/** Exchanges read at a time. */
const PAGE = 25;

export function readMarks(sql: Sql): Marks {
  return readMetaAs(Marks, sql, MARKS) ?? { from: 0, window: 0 };
}

export const writeMarks = (sql: Sql, marks: Marks): void => writeMeta(sql, MARKS, JSON.stringify(marks));

/** The conversation from this seq on, newest first, a page at a time: only what is taken is read. */
export function* readBackwards(sql: Sql, from: number): Generator<Said> {
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = sql.all<{ seq: number; question: string; answer: string }>(
      `SELECT seq, question, answer FROM exchanges WHERE seq >= ? AND seq < ? AND kept = 1
       ORDER BY seq DESC LIMIT ${PAGE}`,
      from,
      before,
    );
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    before = last.seq;
  }
}

/** Takes an exchange out of the conversation; its text stays with it, so that it can be put back. */
export const takeOutExchange = (sql: Sql, seq: number): void => {
  sql.all("UPDATE exchanges SET kept = ? WHERE seq = ? AND kept = 1", TAKEN_OUT, seq);
};

/** Puts one back that was taken out; false where there is none. One that is there already stays. */
export function putBackExchange(sql: Sql, seq: number, from: number): boolean {
  sql.all("UPDATE exchanges SET kept = 1 WHERE seq = ? AND seq >= ? AND kept = ?", seq, from, TAKEN_OUT);
  return sql.all("SELECT seq FROM exchanges WHERE seq = ? AND seq >= ? AND kept = 1", seq, from).length > 0;
}

/** Takes an exchange out of the conversation for good: another one has its place. */
export const dropExchange = (sql: Sql, seq: number): void => {
  sql.all("UPDATE exchanges SET kept = 0, question = NULL, answer = NULL WHERE seq = ?", seq);
};

/** The newest question before this seq: what the conversation has of it, or its message as it came. */
export function lastAsked(sql: Sql, from: number, before: number) {
  return sql.all<{ seq: number; kept: number; question: string | null; message: string | null }>(
    `SELECT seq, kept, question, ifnull(parked.message, exchanges.message) AS message FROM exchanges LEFT JOIN parked USING (seq)
     WHERE seq >= ? AND seq < ? AND ifnull(outcome, '') NOT IN ('command', 'joined')
       AND (kept = 1 OR parked.message IS NOT NULL OR outcome <> 'ok')
     ORDER BY seq DESC LIMIT 1`,
    from,
    before,
  )[0];
}

/** How many questions and answers the conversation holds. */
export const countMessages = (sql: Sql, from: number): number =>
  2 *
  (sql.all<{ count: number }>("SELECT count(*) AS count FROM exchanges WHERE seq >= ? AND kept = 1", from)[0]
    ?.count ?? 0);

/** Writes exchanges before the first one that there can be; returns the place of the first. */
export function insertBefore(sql: Sql, said: readonly QuestionAndAnswer[]): number {
  const first = 1 - said.length;
  sql.atomically(() => {
    said.forEach(({ question, answer }, index) => {
      sql.all(
        `INSERT OR REPLACE INTO exchanges (seq, state, kept, at, open_from, seen_from, tries, delivery_id, outcome,
           question, answer) VALUES (?, 'done', 1, 0, 0, 0, 0, 'adopted', 'ok', ?, ?)`,
        first + index,
        question,
        answer,
      );
    });
  });
  return first;
}
