import {
  type Ask,
  answered,
  asked,
  type ChatName,
  type Evidence,
  type Kill,
  type Said,
  type Shown,
} from "./evidence.ts";

/** A gateway has stored by then what a double has answered. */
const STORED_WITHIN_MS = 250;
/** A turn is started so often before its sender is told that it failed (docs/architecture.md). */
const STARTS = 3;
const CRASHED_LINE = /^Something went wrong while answering this, more than once/;

/** What a run came to. */
export interface Judgement {
  readonly messages: number;
  readonly accepted: number;
  readonly answers: number;
  /** Accepted, but neither answered nor excused. */
  readonly lost: number;
  readonly out_of_order: number;
  /** On Telegram, whose calls cannot be repeated safely: shown again because a kill fell into the call. */
  readonly shown_twice: number;
  /** Asked of a model again because a kill fell into the turn. */
  readonly asked_again: number;
  /** Given up because so many kills fell into the turn. */
  readonly given_up: number;
  /** All there is to object to. */
  readonly objections: readonly string[];
}

/** Judges a run by what was seen outside of the gateway. Pure. */
export function judge(evidence: Evidence): Judgement {
  const { said, asks, shown, odd } = evidence;
  const answers = Map.groupBy(shown, ({ text }) => answered(text));
  const questions = new Map(said.map((one) => [one.n, one]));
  const chats = Map.groupBy(said, ({ chat }) => chat);
  const accepted = said.filter(({ accepted_at }) => accepted_at !== null);

  const strange = shown.flatMap((message) => misplaced(message, questions));
  const twice = said.flatMap((one) => repeats(one, answers.get(one.n) ?? [], evidence.kills));
  const missing = accepted.filter(({ n }) => !answers.has(n));
  const given_up = missing.filter((one) => isGivenUp(one, chats, answers, evidence));
  const lost = missing.filter((one) => !given_up.includes(one));
  const told = [...chats].flatMap(([chat]) => toldTooOften(chat, given_up, shown));
  const disorder = [...chats.values()].flatMap((here) => inOrder(here, answers));
  const asking = judgeAsks(asks, questions, evidence.kills);

  return {
    messages: said.length,
    accepted: accepted.length,
    answers: shown.length,
    lost: lost.length,
    out_of_order: disorder.length,
    shown_twice: twice.filter(({ excused }) => excused).length,
    asked_again: asking.again,
    given_up: given_up.length,
    objections: [
      ...lost.map((one) => `${nameOf(one)} was accepted and never answered`),
      ...disorder,
      ...twice.filter(({ excused }) => !excused).map(({ what }) => what),
      ...strange,
      ...told,
      ...asking.objections,
      ...odd,
    ],
  };
}

const nameOf = ({ n, chat }: Said): string => `message ${n} of ${chat}`;

/** Every message of the gateway is an answer to a question of that chat, or the line about a turn given up. */
function misplaced({ chat, text, to }: Shown, questions: ReadonlyMap<number, Said>): string[] {
  const n = answered(text);
  if (n === null) return CRASHED_LINE.test(text) ? [] : [`${chat} reads: ${text}`];
  if (to !== undefined && to !== n) return [`message ${to} of ${chat} was answered with: ${text}`];
  const one = questions.get(n);
  return one?.chat === chat ? [] : [`${chat} reads what was for ${one?.chat ?? "nobody"}: ${text}`];
}

/** Each answer but the first of a message; excused on Telegram if a kill fell into the call before it. */
function repeats(one: Said, answers: readonly Shown[], kills: readonly Kill[]) {
  return answers.slice(1).map((again, index) => {
    const before = answers[index];
    const excused =
      one.chat.startsWith("telegram:") &&
      before !== undefined &&
      killIn(kills, before.at, (before.ended_at ?? again.at) + STORED_WITHIN_MS);
    return { excused, what: `${nameOf(one)} was answered again without a kill in the call before` };
  });
}

const killIn = (kills: readonly Kill[], from: number, to: number): boolean => killsIn(kills, from, to) > 0;
const killsIn = (kills: readonly Kill[], from: number, to: number): number =>
  kills.filter((kill) => kill.from <= to && kill.gone_at >= from).length;

/** Whether so many kills fell into its turn: from when it was said to the next answer of its chat. */
function isGivenUp(
  one: Said,
  chats: ReadonlyMap<ChatName, readonly Said[]>,
  answers: ReadonlyMap<number | null, readonly Shown[]>,
  { kills, shown }: Evidence,
): boolean {
  const later = (chats.get(one.chat) ?? []).filter(({ n }) => n > one.n);
  const next = later.flatMap(({ n }) => answers.get(n) ?? []).map(({ at }) => at);
  const until = Math.min(Number.POSITIVE_INFINITY, ...next);
  const isTold = one.chat.startsWith("hub:") || linesIn(one.chat, shown, one).length > 0;
  return isTold && killsIn(kills, one.at, until) >= STARTS;
}

/** The lines about turns given up in a chat; on Discord those under this interaction. */
const linesIn = (chat: ChatName, shown: readonly Shown[], { n }: Partial<Said> = {}): Shown[] =>
  shown.filter((line) => line.chat === chat && CRASHED_LINE.test(line.text) && (line.to ?? n) === n);

/** Nobody is told of a failure that was none: as many lines as turns given up, and on Hub none. */
function toldTooOften(chat: ChatName, given_up: readonly Said[], shown: readonly Shown[]): string[] {
  const lines = shown.filter((line) => line.chat === chat && CRASHED_LINE.test(line.text)).length;
  const expected = chat.startsWith("hub:") ? 0 : given_up.filter((one) => one.chat === chat).length;
  return lines === expected ? [] : [`${chat} was told of ${lines} failures, and had ${expected}`];
}

/** A chat's messages were said one after the other: their answers are shown first in that order. */
function inOrder(here: readonly Said[], answers: ReadonlyMap<number | null, readonly Shown[]>): string[] {
  let last: { readonly one: Said; readonly at: number } | null = null;
  const objections: string[] = [];
  for (const one of here) {
    const at = answers.get(one.n)?.[0]?.at;
    // An interaction that Discord gave up has no place in the order.
    if (at === undefined || one.accepted_at === null) continue;
    if (last !== null && at < last.at)
      objections.push(`${nameOf(one)} was answered before ${nameOf(last.one)}`);
    if (last === null || at > last.at) last = { one, at };
  }
  return objections;
}

/** Each question is asked once, and again only after a kill; what is asked comes from the question's chat alone. */
function judgeAsks(asks: readonly Ask[], questions: ReadonlyMap<number, Said>, kills: readonly Kill[]) {
  const objections: string[] = [];
  let again = 0;
  for (const [n, ofOne] of Map.groupBy(asks, (ask) => ask.n)) {
    const one = questions.get(n);
    if (one === undefined) {
      objections.push(`the model was asked what nobody said: ${n}`);
      continue;
    }
    again += ofOne.length - 1;
    ofOne.slice(1).forEach((ask, index) => {
      const before = ofOne[index]?.at ?? 0;
      if (!killIn(kills, before, ask.at)) objections.push(`${nameOf(one)} was asked again without a kill`);
    });
    if (ofOne.length > STARTS) objections.push(`${nameOf(one)} was asked ${ofOne.length} times`);
    const others = ofOne
      .flatMap(({ prompt }) => prompt)
      .map((text) => asked(text) ?? answered(text))
      .filter((other) => other === null || questions.get(other)?.chat !== one.chat);
    if (others.length > 0) objections.push(`the prompt of ${nameOf(one)} has what is not of its chat`);
  }
  return { again, objections };
}
