import { disorderIn, type Fate, fatesOf, killsIn, nameOf, STARTS, strangeIn } from "./answers.ts";
import { asked, type Evidence, partOf } from "./evidence.ts";

/** What a run came to. */
export interface Judgement {
  readonly messages: number;
  readonly accepted: number;
  readonly answered: number;
  /** Accepted, and not answered to the end without an excuse. */
  readonly lost: number;
  readonly out_of_order: number;
  /** On Telegram, whose calls cannot be repeated safely: shown again because a kill fell into the call. */
  readonly shown_twice: number;
  /** Likewise: left half written, and answered in another message. */
  readonly left: number;
  /** On Discord: the rest of a long answer, because a kill fell into a follow-up. */
  readonly cut: number;
  /** Seen while they were written, and gone on with in the same message after a kill. */
  readonly live: number;
  readonly went_on: number;
  /** Given up because so many kills fell into the turn. */
  readonly given_up: number;
  /** Asked of the model again because a kill fell into the turn. */
  readonly asked_again: number;
  /** All there is to object to. */
  readonly objections: readonly string[];
}

/** Judges a run by what was seen outside of the gateway. Pure. */
export function judge(evidence: Evidence): Judgement {
  const fates = fatesOf(evidence);
  const count = (kind: Fate["kind"]) => fates.filter((fate) => fate.kind === kind).length;
  const disorder = disorderIn(fates);
  const asking = judgeAsks(evidence);
  return {
    messages: fates.length,
    accepted: fates.filter(({ said }) => said.accepted_at !== null).length,
    answered: count("answered"),
    lost: count("lost"),
    out_of_order: disorder.length,
    shown_twice: fates.reduce((sum, { again }) => sum + again, 0),
    left: fates.reduce((sum, { left }) => sum + left, 0),
    cut: count("cut"),
    live: fates.filter(({ live }) => live).length,
    went_on: fates.filter(({ went_on }) => went_on).length,
    given_up: count("given_up"),
    asked_again: asking.again,
    objections: [
      ...fates.flatMap(({ objections }) => objections),
      ...disorder,
      ...strangeIn(evidence.shown, fates),
      ...asking.objections,
      ...evidence.odd,
    ],
  };
}

/** Each question is asked once, and again only after a kill; what is asked comes from the question's chat alone. */
function judgeAsks({ said, asks, kills }: Evidence) {
  const questions = new Map(said.map((one) => [one.n, one]));
  const objections: string[] = [];
  let again = 0;
  for (const [n, ofOne] of Map.groupBy(asks, (ask) => ask.n)) {
    const one = questions.get(n);
    if (one === undefined) {
      objections.push(`the model was asked what nobody said: ${n}`);
      continue;
    }
    again += ofOne.length - 1;
    for (const [i, { at }] of ofOne.slice(1).entries()) {
      const before = ofOne[i]?.at ?? 0;
      if (killsIn(kills, before, at) === 0) objections.push(`${nameOf(one)} was asked again without a kill`);
    }
    if (ofOne.length > STARTS) objections.push(`${nameOf(one)} was asked ${ofOne.length} times`);
    const others = ofOne
      .flatMap(({ prompt }) => prompt)
      .filter((text) => questions.get(asked(text) ?? partOf(text)?.n ?? 0)?.chat !== one.chat);
    if (others.length > 0) objections.push(`the prompt of ${nameOf(one)} has what is not of its chat`);
  }
  return { again, objections };
}
