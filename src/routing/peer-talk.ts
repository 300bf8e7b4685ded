/** What is known of the talk with one peer. Plain JSON, stored in its session. */
export interface PeerTalk {
  /** When its messages were answered in the last day, in Unix milliseconds, oldest first. */
  readonly answered: readonly number[];
  /** The last answers, as `gist` has them, newest last. */
  readonly said: readonly string[];
}

export const NO_TALK: PeerTalk = { answered: [], said: [] };

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
/** Turns that a peer gets at most. */
const PER_HOUR = 30;
const PER_DAY = 100;
/** So many in an hour are answered at once; behind them each takes twice the silence of the one before. */
const AT_ONCE = 18;
const FIRST_SILENCE_MS = 60_000;
/** Answers that one may not repeat. */
const REMEMBERED = 4;

const POLITE =
  "(?:ok(?:ay)?|thanks?|thank you|thx|ty|got it|understood|noted|ack(?:nowledged)?|great|perfect|sounds good|will do|likewise|you'?re welcome|no problem|good ?bye|bye|cheers|see you|danke|merci|gracias|so much|a lot|very much|again|too|\\p{Extended_Pictographic}\\uFE0F?)";
/** Nothing but thanks, assent and farewell: whoever answers it gets the same back. */
const ACKNOWLEDGEMENT = new RegExp(`^(?:${POLITE}[\\s.,!;:-]*){1,8}$`, "iu");

/** A text by which its like is known: letters and digits alone. */
const gist = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .slice(0, 200);

/** Why a peer's message is not answered. */
export type Hush = "peer_per_hour" | "peer_per_day" | "peer_silence" | "peer_acknowledges";

/**
 * Why a peer's message gets no answer; null where it gets one. Two agents whose models always answer go on for ever:
 * one of them has to fall silent, and this one does. What was not answered breaks the loop, so that a person's
 * question later is answered all the same. Pure.
 */
export function hushOf({ answered }: PeerTalk, text: string, now: number): Hush | null {
  const day = answered.filter((at) => at > now - DAY_MS);
  const hour = day.filter((at) => at > now - HOUR_MS).length;
  if (day.length >= PER_DAY) return "peer_per_day";
  if (hour >= PER_HOUR) return "peer_per_hour";
  if (hour > 0 && ACKNOWLEDGEMENT.test(text.trim())) return "peer_acknowledges";
  const silence_ms = hour < AT_ONCE ? 0 : FIRST_SILENCE_MS * 2 ** (hour - AT_ONCE);
  return now - (day.at(-1) ?? 0) < silence_ms ? "peer_silence" : null;
}

/** Whether an answer says what one of the last ones said. Pure. */
export const isRepeated = ({ said }: PeerTalk, answer: string): boolean => said.includes(gist(answer));

/** The talk with one more answer in it. Pure. */
export const withAnswer = ({ answered, said }: PeerTalk, answer: string, now: number): PeerTalk => ({
  answered: [...answered.filter((at) => at > now - DAY_MS), now].slice(-PER_DAY),
  said: [...said, gist(answer)].slice(-REMEMBERED),
});
