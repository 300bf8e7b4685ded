import { expect, test } from "vitest";
import { answer, type Evidence, question, type Said, type Shown } from "../../sim/kills/evidence.ts";
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
