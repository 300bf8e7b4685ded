import { expect, test } from "vitest";
import {
  answer,
  type Evidence,
  partOf,
  question,
  type Records,
  type Said,
  type Shown,
  shownIn,
} from "../../sim/kills/evidence.ts";
import { judge } from "../../sim/kills/judge.ts";

const CHAT = "telegram:1";
const PLACE = { telegram: "telegram:1", discord: "discord:1", hub: "hub:argus" } as const;
const CRASHED = "Something went wrong while answering this, more than once. The operator can see why.";

const said = (n: number, chat: Said["chat"] = CHAT): Said => {
  return { n, chat, at: n * 1_000, accepted_at: n * 1_000 + 10 };
};
/** Each of a message of its own, unless two are given the same. */
const shown = (
  n: number,
  at: number,
  chat: Said["chat"] = CHAT,
  text = answer(n, 1),
  message = `${chat} at ${at}`,
): Shown => ({ chat, message, text, at, ended_at: at + 50 });
const kill = (at: number) => ({ from: at, gone_at: at + 5, up_at: at + 500 });

/** Two messages of a chat, each answered; with changes. */
function run(changes: Partial<Evidence> = {}) {
  const all = { said: [said(1), said(2)], shown: [shown(1, 1_500), shown(2, 2_500)], kills: [], odd: [] };
  const asks = [1, 2].map((n) => ({ n, at: n * 1_000 + 100, prompt: [question(n)] }));
  return judge({ ...all, asks, ...changes });
}

test("a run without a fault has no objection", () => {
  expect(run()).toMatchObject({ messages: 2, answered: 2, lost: 0, objections: [] });
});

test("a message that was accepted and not answered is lost; one that was not accepted is not", () => {
  expect(run({ shown: [shown(1, 1_500)] })).toMatchObject({ lost: 1 });
  const broken = { ...said(2), accepted_at: null };
  expect(run({ said: [said(1), broken], shown: [shown(1, 1_500)] })).toMatchObject({
    lost: 0,
    objections: [],
  });
});

test("an answer shown twice is excused on Telegram alone, and by a kill in the call before alone", () => {
  const twice = (chat: Said["chat"], ...kills: number[]) =>
    run({
      said: [said(1, chat)],
      shown: [shown(1, 1_500, chat), shown(1, 5_000, chat)],
      asks: [],
      kills: kills.map(kill),
    });
  expect(twice(PLACE.telegram, 1_520)).toMatchObject({ shown_twice: 1, objections: [] });
  expect(twice(PLACE.telegram).objections).toHaveLength(1);
  expect(twice(PLACE.telegram, 1_400, 2_000).objections).toHaveLength(1);
  expect(twice(PLACE.discord, 1_520).objections).toHaveLength(1);
  expect(twice(PLACE.hub, 1_520).objections).toHaveLength(1);
});

test("the first showing counts for the order", () => {
  expect(run({ shown: [shown(2, 1_500), shown(1, 2_500)] })).toMatchObject({ out_of_order: 1 });
  const again = [shown(1, 1_500), shown(2, 2_500), shown(1, 2_600)];
  expect(run({ shown: again, kills: [kill(1_520)] })).toMatchObject({ out_of_order: 0, objections: [] });
});

test("an answer in the wrong chat, and a text that is none, are objected to", () => {
  expect(run({ shown: [shown(1, 1_500), shown(2, 2_500, "telegram:9")] }).objections).not.toEqual([]);
  const odd = shown(0, 3_000, CHAT, "hello");
  expect(run({ shown: [shown(1, 1_500), shown(2, 2_500), odd] }).objections).toEqual([
    `${CHAT} reads: hello`,
  ]);
  const wrong = { ...shown(1, 1_500), to: 2 };
  expect(run({ shown: [wrong, shown(2, 2_500)] }).objections).toHaveLength(1);
});

test("the model is asked again after a kill only, and about one chat only", () => {
  const asks = [1, 2].map((at) => ({ n: 1, at: 1_000 * at, prompt: [question(1)] }));
  expect(run({ asks })).toMatchObject({
    asked_again: 1,
    objections: [expect.stringContaining("again without")],
  });
  expect(run({ asks, kills: [kill(1_500)] }).objections).toEqual([]);
  const other = { said: [said(1), said(2, PLACE.hub)], shown: [shown(1, 1_500), shown(2, 2_500, PLACE.hub)] };
  const mixed = [{ n: 1, at: 1_100, prompt: [question(2), answer(2, 1), question(1)] }];
  expect(run({ ...other, asks: mixed }).objections).toHaveLength(1);
});

test("a turn is given up after three kills alone, and its sender is told", () => {
  const line = shown(0, 2_000, CHAT, CRASHED);
  const lines = { said: [said(1)], shown: [line], asks: [] };
  const three = [1_200, 1_400, 1_600].map(kill);
  expect(run({ ...lines, kills: three })).toMatchObject({ given_up: 1, objections: [] });
  expect(run({ ...lines, kills: three.slice(1) })).toMatchObject({ lost: 1 });
  expect(run({ ...lines, shown: [], kills: three }).objections).toHaveLength(1);
  expect(run({ shown: [shown(1, 1_500), line, shown(2, 2_500)] }).objections).toHaveLength(1);
});

/** Lines of an answer of a hundred. */
const lines = (from: number, to: number, attempt = 1) =>
  answer(1, 100, attempt)
    .split("\n")
    .slice(from - 1, to)
    .join("\n");

/** One question, and what was shown of its answer. */
const long = (chat: Said["chat"], parts: readonly Shown[], ...kills: number[]) =>
  run({ said: [said(1, chat)], shown: parts, asks: [], kills: kills.map(kill) });

test("of a long answer every message is there, in order; on Discord a kill may cut it at a follow-up", () => {
  const parts = (chat: Said["chat"], ...ranges: (readonly [number, number])[]) =>
    ranges.map(([from, to], i) => shown(1, 1_500 + i * 1_000, chat, lines(from, to)));
  const { discord, telegram } = PLACE;
  expect(long(discord, parts(discord, [1, 60], [61, 100]))).toMatchObject({ answered: 1, objections: [] });
  expect(long(discord, parts(discord, [61, 100], [1, 60])).objections).not.toEqual([]);
  expect(long(discord, parts(discord, [1, 60], [62, 100])).objections).not.toEqual([]);
  expect(long(discord, parts(discord, [1, 60]), 1_560)).toMatchObject({ cut: 1, objections: [] });
  expect(long(discord, parts(discord, [1, 60], [61, 99]), 2_510)).toMatchObject({ lost: 1 });
  // What the kill fell into is an edit, and to be repeated.
  expect(long(discord, parts(discord, [1, 60]), 1_520)).toMatchObject({ lost: 1 });
  expect(long(discord, parts(discord, [1, 60]))).toMatchObject({ lost: 1 });
  expect(long(telegram, parts(telegram, [1, 60]), 1_560)).toMatchObject({ lost: 1 });
});

test("of an answer it is known which lines a text has, and whether it is still being written", () => {
  const text = answer(12, 30, 2);
  expect(partOf(text)).toEqual({ n: 12, attempt: 2, first: 1, last: 30, lines: 30, broken: false });
  const third = text.split("\n").slice(2).join("\n");
  expect(partOf(third)).toMatchObject({ first: 3, last: 30, broken: false });
  expect(partOf(third.slice(0, -1))).toMatchObject({ first: 3, last: 29, broken: true });
  for (let end = 20; end < text.length; end++) {
    const beginning = text.slice(0, end);
    expect(partOf(beginning.trimEnd()), beginning).toMatchObject({ n: 12, attempt: 2, first: 1 });
  }
  for (const other of [
    "hello",
    `${text} and more`,
    text.replace("line 4", "line 5"),
    "answer 1 to #12, or so",
  ]) {
    expect(partOf(other)).toBeNull();
  }
});

/** What is shown of an answer's attempt while it is written, up to so many characters. */
const state = (at: number, characters: number, message = "one", attempt = 1, chat: Said["chat"] = CHAT) =>
  shown(1, at, chat, answer(1, 1, attempt).slice(0, characters), message);
const END = Number.POSITIVE_INFINITY;

test("an answer grows in its message, also after a kill, and stays", () => {
  const grown = [state(1_500, 20), state(2_500, 25), state(3_500, END)];
  expect(long(CHAT, grown)).toMatchObject({ answered: 1, live: 1, went_on: 0, objections: [] });
  expect(long(CHAT, [...grown, state(4_500, END)]).objections).toEqual([]);
  const again = [state(1_500, 25), state(3_500, 20, "one", 2), state(4_500, END, "one", 2)];
  expect(long(CHAT, again, 2_000)).toMatchObject({ answered: 1, went_on: 1, objections: [] });
  expect(long(CHAT, [...grown, state(4_500, 25), state(5_500, END)]).objections).toEqual([
    `message 1 of ${CHAT} was shown half again`,
  ]);
  expect(long(CHAT, grown.slice(0, 2))).toMatchObject({ lost: 1 });
  expect(long(CHAT, grown.slice(0, 2), 2_510)).toMatchObject({ lost: 1 });
  const other = shown(2, 4_000, CHAT, answer(2, 1), "one");
  expect(run({ shown: [state(1_500, END), other, shown(2, 5_000)] }).objections).not.toEqual([]);
});

test("half an answer is left beside another only on Telegram, where a kill fell into the call that made it", () => {
  const left = (chat: Said["chat"], ...kills: number[]) =>
    long(chat, [state(1_500, 25, "one", 1, chat), state(3_500, END, "two", 2, chat)], ...kills);
  expect(left(PLACE.telegram, 1_520)).toMatchObject({ answered: 1, left: 1, objections: [] });
  expect(left(PLACE.telegram, 2_500).objections).toHaveLength(1);
  expect(left(PLACE.discord, 1_520).objections).toHaveLength(1);
  // Its id was known: it was edited.
  const known = [state(1_500, 20), state(1_510, 25), state(3_500, END, "two", 2)];
  expect(long(CHAT, known, 1_520).objections).toHaveLength(1);
});

test("what was shown of a turn that is given up ends in the line that says so", () => {
  const line = shown(0, 4_000, CHAT, CRASHED, "one");
  const kills = [1_200, 2_400, 3_600];
  expect(long(CHAT, [state(1_500, 25), line], ...kills)).toMatchObject({ given_up: 1, objections: [] });
  expect(long(CHAT, [state(1_500, 25)], ...kills)).toMatchObject({ lost: 1 });
});

test("a follow-up of Discord that is repeated after a kill is found in the traffic; a repeated edit is not one", () => {
  const one = { ...said(1, PLACE.discord), token: "t" };
  const call = (name: "edit_original" | "follow_up", at: number, content: string) => {
    const path = `/api/v10/webhooks/1/t${name === "follow_up" ? "" : "/messages/@original"}`;
    return { name, path, body: { content }, authorization: undefined, at, status: 200, ended_at: at + 50 };
  };
  const verdict = (calls: Records["discord"]["calls"]) => {
    const records = { telegram: { calls: [] }, discord: { calls }, hub: { requests: [] } };
    return run({ said: [one], shown: shownIn(records, [one]), asks: [], kills: [kill(1_520), kill(2_520)] });
  };
  const [first, second] = [lines(1, 60), lines(61, 100)];
  const edits = [call("edit_original", 1_500, first), call("edit_original", 2_000, first)];
  const follow_up = call("follow_up", 2_500, second);
  expect(verdict([...edits, follow_up])).toMatchObject({ answered: 1, objections: [] });
  expect(verdict([...edits, follow_up, call("follow_up", 3_500, second)]).objections).toEqual([
    "message 1 of discord:1 was shown twice, and nothing excuses it",
  ]);
});

test("what Telegram shows is known by its messages' ids", () => {
  const call = (method: string, at: number, text: string, message_id?: number) => ({
    method,
    body: { chat_id: 1, text, message_id },
    at,
    status: 200,
    ended_at: at + 50,
    answer: { ok: true, result: { message_id: 9 } },
  });
  const calls = [
    call("sendMessage", 1_500, answer(1, 1).slice(0, 25)),
    call("editMessageText", 2_500, answer(1, 1), 9),
  ];
  const records = { telegram: { calls }, discord: { calls: [] }, hub: { requests: [] } };
  expect(long(CHAT, shownIn(records, [said(1)]))).toMatchObject({ answered: 1, live: 1, objections: [] });
});
