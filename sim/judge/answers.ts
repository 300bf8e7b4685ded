import { isUnknown, type Said, type Send } from "../world/traffic.ts";
import { type Case, nameOf, type Word, wasShown, wordsIn } from "./case.ts";
import { excuseFor } from "./excuses.ts";
import { isUnsure, type Replies } from "./replies.ts";

/** Between a request's arrival and the moment when the gateway has stored what came of it. */
const STORES_WITHIN_MS = 200;

/** Every question that was taken is answered: whole, once, from one answer of the model, where it was asked. */
export function judgeAnswers(facts: Case, replies: Replies): string[] {
  return facts.questions().flatMap((said) => {
    const parts = facts.partsOf(said.n);
    return [
      ...parts.flatMap((part) => misplaced(said, part)),
      ...whole(said, parts, facts, replies),
      ...repeated(said, parts, facts),
    ];
  });
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
  const shown = distinct(parts.filter(wasShown));
  const words = shown.flatMap(({ text }) => wordsIn(text));
  const name = nameOf(said);
  const objections: string[] = [];
  const [first] = words;
  if (words.some((word) => word.question !== said.n)) objections.push(`${name}: answers are mixed`);
  if (words.some((word) => word.try_index !== first?.try_index))
    objections.push(`${name}: answered twice, differently`);
  else if (!words.every((word, index) => word.place === index))
    objections.push(`${name}: parts are out of order or missing: ${gaps(words)}`);
  if (said.accepted_at === null || words.at(-1)?.last) return objections;
  const sends = parts.length > 0 ? parts : (replies.get(said.n) ?? []);
  const excuse = excuseFor(said, sends, facts, replies) ?? cut(said, shown);
  if (excuse !== null) return objections;
  const what = words.length === 0 ? "was never answered" : `was answered in part: ${words.length} words`;
  return [...objections, `${name} ${what}`];
}

const gaps = (words: readonly Word[]): string =>
  words
    .map(({ place }) => place)
    .join(" ")
    .slice(0, 120);

/** Where only the user has installed the app, Discord allows six messages for an answer. */
const cut = ({ place }: Said, shown: readonly Send[]): string | null =>
  place.scene === "user_install" && shown.length === 6 ? "cut" : null;

/** Requests that show something new: not what an earlier one showed already. */
function distinct(shown: readonly Send[]): Send[] {
  return shown.filter((send, index) => shown.findIndex(({ text }) => text === send.text) === index);
}

/**
 * Nothing is shown twice, unless a crash or an unknown outcome fell into that very request; to another agent not
 * even then, because it would answer twice.
 */
function repeated(said: Said, sends: readonly Send[], facts: Case): string[] {
  const { place, session } = said;
  const shown = sends.filter(wasShown);
  return shown.flatMap((send, index) => {
    const before = shown.slice(0, index).findLast(({ text }) => text === send.text);
    if (before === undefined || (before.slot !== null && before.slot === send.slot)) return [];
    const until = (before.heard_at ?? before.at) + STORES_WITHIN_MS;
    const excused =
      isUnknown(before) || facts.troubled(session, before.at - 100, until) || isUnsure(said, facts);
    if (excused && place.platform !== "hub") return [];
    return [`${nameOf(said)} was shown twice: ${send.text.slice(0, 60)}`];
  });
}
