import type { Ask, Send } from "../world/traffic.ts";
import { type Case, wasShown } from "./case.ts";

/** The longest text of a message, and how much shorter one may be that is full. */
const FULL = { telegram: 4_096, discord: 2_000, hub: Number.POSITIVE_INFINITY };
const SLACK = 100;
/** A state that is sent before the answer's end has arrived is there by then. */
const ON_ITS_WAY_MS = 300;
const STOPPED = /\n\n\*?Stopped\.\*?$/;

/** Whether a request shows an answer that is still being written: it stands until the next one does. */
export function isState({ at, platform, text }: Send, facts: Case): boolean {
  const words = facts.wordsIn(text);
  const [first] = words;
  if (first?.place !== 0 || STOPPED.test(text)) return false;
  if (!words.at(-1)?.last && text.length < FULL[platform] - SLACK) return true;
  const ask = facts.asksOf(first.question).find(({ try_index }) => try_index === first.try_index);
  if (ask === undefined) return false;
  if (ask.whole_at !== null) return at < ask.whole_at + (isAskedAgain(ask, facts) ? ON_ITS_WAY_MS : 0);
  // What was written before it was stopped may be longer than one message.
  return !facts.partsOf(first.question).some((part) => {
    const [next] = facts.wordsIn(part.text);
    return next?.try_index === first.try_index && next.place > 0;
  });
}

/**
 * Whether an answer was not kept, because its session asks the same again before anything else: then its last state is
 * no more than that, even if it shows all of it.
 */
function isAskedAgain(ask: Ask, { evidence }: Case): boolean {
  if (!evidence.plan.live) return false;
  const asks = evidence.traffic.asks.filter(({ from }) => from === ask.from);
  const next = asks.find(({ at }) => at > (ask.whole_at ?? Number.POSITIVE_INFINITY));
  return next?.question === ask.question;
}

/** The requests to show parts of an answer that is whole. */
export const finalsOf = (question: number, facts: Case): readonly Send[] =>
  facts.partsOf(question).filter((send) => !isState(send, facts));

/** A message as its reader sees it in the end, and what made it so. */
export interface Message {
  readonly sends: readonly Send[];
  readonly text: string;
  /** It never came to more than a state. */
  readonly left: boolean;
}

/** The messages that requests have shown, in the order in which they appeared, without what users have removed. */
export function messagesOf(sends: readonly Send[], facts: Case): Message[] {
  const bySlot = new Map<string, Send[]>();
  for (const [index, send] of sends.filter(wasShown).entries()) {
    const slot = send.slot ?? `the only one of ${index}`;
    if (facts.evidence.traffic.removed.has(slot)) continue;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), send]);
  }
  return [...bySlot.values()].map((all) => ({
    sends: all,
    text: all.at(-1)?.text ?? "",
    left: all.every((send) => isState(send, facts)),
  }));
}
