import type { Said, Send } from "../world/traffic.ts";
import { type Case, nameOf, wasShown } from "./case.ts";
import { full } from "./excuses.ts";
import { isUnsure, type Replies } from "./replies.ts";

/** Answers come in the order of their questions, and commands' answers in the order of the commands. */
export function judgeOrder(facts: Case, replies: Replies): string[] {
  return [...facts.sessions.values()].flatMap((here) => {
    const questions = here.filter(({ kind }) => kind === "question");
    const commands = here.filter((one) => one.kind === "command" && !isAhead(one));
    return [
      ...inOrder(questions, facts, replies, (one) => facts.partsOf(one.n)),
      ...inOrder(commands, facts, replies, (one) => replies.get(one.n) ?? []),
    ];
  });
}

/** /stop must not wait behind what it is to stop; and what Discord's webhook answers by itself waits for nothing. */
const isAhead = ({ command, place }: Said): boolean =>
  command === "/stop" || (command.startsWith("/nothing") && place.platform === "discord");

function inOrder(
  said: readonly Said[],
  facts: Case,
  replies: Replies,
  sendsOf: (one: Said) => readonly Send[],
): string[] {
  const spans = said.flatMap((one) => {
    // What finds no room is taken when it is delivered once more.
    const unordered = isUnsure(one, facts) || full(one, facts, replies) !== null;
    const shown = unordered ? [] : firstTimes(sendsOf(one).filter(wasShown));
    const [first] = shown;
    const last = shown.at(-1);
    return first && last ? [{ one, first: first.at, last: last.at }] : [];
  });
  return spans.flatMap((early, index) =>
    spans
      .slice(index + 1)
      .filter((late) => precedes(early.one, late.one, facts) && late.first < early.last)
      .filter(() => !facts.forgot(early.one.session, early.one.at, early.last))
      .map((late) => `${nameOf(late.one)} was answered before ${nameOf(early.one)}`),
  );
}

/** Whether the gateway had taken one before it could have seen the other. */
function precedes(a: Said, b: Said, facts: Case): boolean {
  if (a.accepted_at === null) return false;
  if (a.place.platform === "discord" || facts.evidence.plan.impatient) return a.accepted_at < b.at;
  return a.at < b.at;
}

const firstTimes = (shown: readonly Send[]): Send[] =>
  shown.filter((send, index) => shown.findIndex(({ text }) => text === send.text) === index);
