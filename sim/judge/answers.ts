import { isUnknown, type Said, type Send } from "../world/traffic.ts";
import { type Case, nameOf, type Word, wasShown } from "./case.ts";
import { excuseFor, TOKEN_LIVES_MS } from "./excuses.ts";
import { finalsOf, isState, type Message, messagesOf } from "./messages.ts";
import { isUnsure, type Replies } from "./replies.ts";

/** Between a request's arrival and the moment when the gateway has stored what came of it. */
const STORES_WITHIN_MS = 200;

/** Every question that was taken is answered: whole, once, from one answer of the model, where it was asked. */
export function judgeAnswers(facts: Case, replies: Replies): string[] {
  return facts.questions().flatMap((said) => {
    if (facts.isJoined(said)) return joined(said, facts, replies);
    const parts = facts.partsOf(said.n);
    return [
      ...parts.flatMap((part) => misplaced(said, part)),
      ...whole(said, parts, facts, replies),
      ...repeated(said, parts, facts),
    ];
  });
}

/** A question that was asked as part of another one is answered by the answer to that, if it was asked with it. */
function joined(said: Said, facts: Case, replies: Replies): string[] {
  const asks = facts.asksWith(said.n);
  const first = facts.questions().find(({ n }) => n === asks.at(-1)?.question);
  if (first === undefined || said.accepted_at === null) return [];
  const answers = finalsOf(first.n, facts).filter(wasShown);
  const tries = new Set(answers.flatMap(({ text }) => facts.wordsIn(text).map(({ try_index }) => try_index)));
  if (asks.some(({ question, try_index }) => question === first.n && tries.has(try_index))) return [];
  // Why the whole has no answer is looked for where that is judged.
  if (answers.length === 0 || facts.forgot(said.session, said.at, Number.POSITIVE_INFINITY)) return [];
  const excuse = excuseFor(said, answers, facts, replies);
  return excuse === null ? [`${nameOf(said)} was never answered: q${first.n} was, without it`] : [];
}

/** Every command that was taken is answered, and once. */
export function judgeCommands(facts: Case, replies: Replies): string[] {
  return facts.commands().flatMap((said) => {
    const sends = replies.get(said.n) ?? [];
    if (said.place.platform === "hub") {
      return sends.length > 0 ? [`${nameOf(said)} was answered, although a peer's`] : [];
    }
    const found = [...sends.flatMap((send) => misplaced(said, send)), ...repeated(said, sends, facts)];
    if (said.accepted_at === null || sends.some(wasShown) || isUnsure(said, facts)) return found;
    const excuse = excuseFor(said, sends, facts, replies);
    return excuse === null ? [...found, `${nameOf(said)} was never answered`] : found;
  });
}

function misplaced(said: Said, send: Send): string[] {
  const { place, ref } = said;
  const objections: string[] = [];
  if (send.to !== place.chat) objections.push(`the answer to ${nameOf(said)} went to ${send.to}`);
  if (send.ref !== null && send.ref !== ref)
    objections.push(`the answer to ${nameOf(said)} replies to something else`);
  if (send.thread !== null && send.thread !== String(place.thread)) {
    objections.push(`the answer to ${nameOf(said)} went to thread ${send.thread}`);
  }
  if (send.from !== said.session) objections.push(`${send.from} answered ${nameOf(said)}`);
  return objections;
}

function whole(said: Said, parts: readonly Send[], facts: Case, replies: Replies): string[] {
  const lines = replies.get(said.n) ?? [];
  const all = messagesOf([...parts, ...lines], facts);
  const over = all.filter(({ left }) => !left);
  const shown = distinct(over.length > 0 ? over : all.slice(-1));
  const words = shown.flatMap(({ text }) => facts.wordsIn(text));
  const name = nameOf(said);
  const objections = all
    .filter(
      (message) =>
        message.left && !shown.includes(message) && !isAbandoned(message, said, [...parts, ...lines], facts),
    )
    .map(({ text }) => `${name}: a half answer is left: ${text.slice(0, 60)}`);
  const [first] = words;
  if (facts.forgot(said.session, all[0]?.sends[0]?.at ?? 0, all.at(-1)?.sends.at(-1)?.at ?? 0)) return [];
  if (words.some((word) => word.question !== said.n)) objections.push(`${name}: answers are mixed`);
  if (words.some((word) => word.try_index !== first?.try_index))
    objections.push(`${name}: answered twice, differently`);
  else if (!words.every((word, index) => word.place === index))
    objections.push(`${name}: parts are out of order or missing: ${gaps(words)}`);
  if (said.accepted_at === null || words.at(-1)?.last) return objections;
  const finals = finalsOf(said.n, facts);
  const excuse = excuseFor(said, finals.length > 0 ? finals : lines, facts, replies) ?? cut(said, shown);
  if (excuse !== null) return objections;
  const what = words.length === 0 ? "was never answered" : `was answered in part: ${words.length} words`;
  return [...objections, `${name} ${what}`];
}

/**
 * Whether the gateway could not finish the message that it began: it cannot know that it is there, or where; or it
 * may not change it any more, and so the answer came in another one.
 */
function isAbandoned(
  { sends }: Message,
  { place, session, at }: Said,
  all: readonly Send[],
  facts: Case,
): boolean {
  const over = place.platform === "discord" ? at + TOKEN_LIVES_MS : Number.POSITIVE_INFINITY;
  const [first] = sends;
  if (first === undefined || isUnknown(first)) return true;
  if (facts.troubled(session, first.at - 100, (first.heard_at ?? first.at) + STORES_WITHIN_MS)) return true;
  return all.some((send) => !isState(send, facts) && (send.at > over || (send.edit && send.told !== "done")));
}

const gaps = (words: readonly Word[]): string =>
  words
    .map(({ place }) => place)
    .join(" ")
    .slice(0, 120);

/** Where only the user has installed the app, Discord allows six messages for an answer. */
const cut = ({ place }: Said, shown: readonly Message[]): string | null =>
  place.scene === "user_install" && shown.length === 6 ? "cut" : null;

/**
 * Messages that say something new: not what an earlier one says already, nor what came of a request of which the gateway
 * never heard, and which another message says again and goes on.
 */
function distinct(messages: readonly Message[]): Message[] {
  const isSaidBy = (one: Message, other: Message) =>
    other.text !== one.text && other.text.startsWith(one.text) && one.sends.every(isUnknown);
  return messages.filter(
    (one, index) =>
      messages.findIndex(({ text }) => text === one.text) === index &&
      !messages.some((other) => isSaidBy(one, other)),
  );
}

/**
 * Nothing is shown twice, unless a crash or an unknown outcome fell into that very request; to another agent not
 * even then, because it would answer twice.
 */
function repeated(said: Said, sends: readonly Send[], facts: Case): string[] {
  const { place, session } = said;
  const { removed } = facts.evidence.traffic;
  const shown = sends.filter((send) => wasShown(send) && !removed.has(send.slot ?? ""));
  return shown.flatMap((send, index) => {
    const before = shown.slice(0, index).findLast((one) => one.text === send.text && !isState(one, facts));
    if (before === undefined || (before.slot !== null && before.slot === send.slot)) return [];
    const until = (before.heard_at ?? before.at) + STORES_WITHIN_MS;
    const excused =
      isUnknown(before) ||
      facts.troubled(session, before.at - 100, until) ||
      facts.forgot(session, before.at, send.at) ||
      isUnsure(said, facts);
    if (excused && place.platform !== "hub") return [];
    return [`${nameOf(said)} was shown twice: ${send.text.slice(0, 60)}`];
  });
}
