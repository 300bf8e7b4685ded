import { type Ask, questionsIn, type Send } from "../world/traffic.ts";
import { type Case, nameOf } from "./case.ts";
import { finalsOf } from "./messages.ts";
import { answeredAt, type Replies } from "./replies.ts";

/** Requests about one question that failures alone explain: three tries at each of two endpoints. */
const MOST_ASKS = 6;
/** Requests of one invocation that no turn uses up. */
const ROOMY = 1_000;

/** A question is asked once, and again only for a reason; with its own conversation and nobody else's. */
export function judgeTurns(facts: Case, replies: Replies): string[] {
  return [
    ...askedAgain(facts),
    ...facts.evidence.traffic.asks.flatMap((ask) => conversation(ask, facts, replies)),
  ];
}

function askedAgain(facts: Case): string[] {
  return facts.questions().flatMap((said) => {
    const { n, session } = said;
    const asks = facts.asksWith(n);
    const [first] = asks;
    if (first === undefined) return [];
    // A turn whose request the runtime would not send any more begins again with the next alarm.
    const refused = facts.evidence.plan.subrequests < ROOMY ? 1 : 0;
    // More of the message came while it was asked.
    const grown = said.one_with === undefined ? 0 : new Set(asks.map(({ holds }) => holds.length)).size;
    const starts = 1 + refused + grown + facts.troubles(session).filter((at) => at >= first.at).length;
    if (asks.length > MOST_ASKS * starts) return [`${nameOf(said)} was asked ${asks.length} times`];
    const answered = asks.filter(({ whole_at }) => whole_at !== null);
    return answered.slice(1).flatMap((again, index) => {
      const before = answered[index];
      const excused = before && facts.troubled(session, before.at, again.at);
      return excused ? [] : [`${nameOf(said)} was asked again after a whole answer`];
    });
  });
}

/** What a request brings along: whole turns of the same place, in order, none from before a `/new`. */
function conversation(ask: Ask, facts: Case, replies: Replies): string[] {
  const asked = facts.evidence.traffic.said.find(({ n }) => n === ask.question);
  if (asked === undefined) return [];
  const name = `the conversation sent with ${nameOf(asked)}`;
  const objections: string[] = [];
  const before = ask.messages.slice(0, -1);
  const numbers = before.flatMap(({ role, content }) =>
    role === "user" ? questionsIn(content).slice(0, 1) : [],
  );
  if (new Set(numbers).size !== numbers.length || numbers.includes(asked.n)) {
    objections.push(`${name} holds a question twice: ${numbers.join(" ")}`);
  }
  const resets = facts.commands(asked.session).filter(({ command }) => command === "/new");
  for (const n of numbers) {
    const said = facts.evidence.traffic.said.find((one) => one.n === n);
    if (said?.place !== asked.place) objections.push(`${name} holds q${n} of ${said?.place.name}`);
    const [known] = facts.asksOf(n);
    const forgotten = resets.some((reset) => {
      const done = answeredAt(reset, replies);
      const last = facts.asksOf(n).at(-1);
      return done !== null && done < asked.at && last !== undefined && (last.whole_at ?? last.at) < reset.at;
    });
    if (!wasDelivered(n, ask.at, facts))
      objections.push(`${name} holds q${n}, whose answer was not delivered`);
    if (known !== undefined && forgotten) objections.push(`${name} holds q${n}, from before /new`);
  }
  for (const [index, { role, content }] of before.entries()) {
    if (role !== "assistant") continue;
    const words = facts.wordsIn(content);
    const question = questionsIn(before[index - 1]?.content ?? "")[0];
    const whole = words.at(-1)?.last && words.every((word, place) => word.place === place);
    if (!whole || words[0]?.question !== question)
      objections.push(`${name} holds an answer that is not q${question}'s`);
  }
  return objections;
}

/** Whether the gateway can know that the answer to a question was delivered. Hub shows everybody what it has. */
function wasDelivered(n: number, now: number, facts: Case): boolean {
  const sends = finalsOf(n, facts).filter(({ at }) => at < now);
  const known = ({ platform, shown, told, heard_at }: Send) =>
    platform === "hub" ? shown : told === "done" && heard_at !== null;
  const delivered = new Set(sends.filter(known).map(({ text }) => text));
  return sends.length > 0 && sends.every(({ text }) => delivered.has(text));
}
