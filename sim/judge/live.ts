import type { Place } from "../world/places.ts";
import { isUnknown, type Said, type Send } from "../world/traffic.ts";
import { type Case, nameOf } from "./case.ts";
import { isState, messagesOf } from "./messages.ts";
import type { Replies } from "./replies.ts";

/** The least time between two states of one answer. */
const paceOf = ({ platform, chat }: Place): number => {
  if (platform === "telegram") return chat.startsWith("-") ? 3_000 : 1_000;
  return platform === "discord" ? 1_500 : 0;
};

/** Answers that are shown while they are written: only where that is wanted, in their message, ever longer, unhurried. */
export function judgeLive(facts: Case, replies: Replies): string[] {
  return facts.questions().flatMap((said) => {
    const parts = facts.partsOf(said.n);
    const states = parts.filter((part) => isState(part, facts));
    if (states.length > 0 && (!facts.evidence.plan.live || said.place.platform === "hub")) {
      return [`${nameOf(said)} was answered before the answer was whole`];
    }
    return [
      ...hurried(said, states, facts),
      ...shrunk(said, parts, facts),
      ...outdated(said, [...parts, ...(replies.get(said.n) ?? [])], facts),
    ];
  });
}

const isSameTry = (a: Send, b: Send, facts: Case): boolean =>
  facts.wordsIn(a.text)[0]?.try_index === facts.wordsIn(b.text)[0]?.try_index;

function hurried(said: Said, states: readonly Send[], facts: Case): string[] {
  return states.slice(1).flatMap((state, index) => {
    const before = states[index];
    if (before === undefined || !isSameTry(before, state, facts)) return [];
    const due = before.at + Math.max(paceOf(said.place), before.wait_ms ?? 0);
    return state.at < due ? [`${nameOf(said)} was shown too often while it was written`] : [];
  });
}

/** A message only grows while one try goes on. */
function shrunk(said: Said, parts: readonly Send[], facts: Case): string[] {
  return messagesOf(parts, facts).flatMap(({ sends }) =>
    sends.slice(1).flatMap((send, index) => {
      const before = sends[index];
      if (before === undefined || isUnknown(before) || !isSameTry(before, send, facts)) return [];
      const shorter = facts.wordsIn(send.text).length < facts.wordsIn(before.text).length;
      return shorter ? [`${nameOf(said)} lost words while it was written`] : [];
    }),
  );
}

/** Once an answer is there it stays: no state comes after it in its message. */
function outdated(said: Said, sends: readonly Send[], facts: Case): string[] {
  const over = new Set<string>();
  for (const send of sends.toSorted((a, b) => a.at - b.at)) {
    if (send.slot === null || !send.shown) continue;
    if (!isState(send, facts)) over.add(send.slot);
    else if (over.has(send.slot)) return [`${nameOf(said)} was shown half again after it was whole`];
  }
  return [];
}
