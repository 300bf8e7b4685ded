import { isUnknown, type Said, type Send } from "../world/traffic.ts";
import type { Case } from "./case.ts";
import { isToldWithAnother, type Replies } from "./replies.ts";

/** How often a message is sent before it is given up, and how often and how long a platform may ask to wait. */
const MAX_FAILURES = 8;
const MAX_WAITS = 30;
const LONGEST_WAIT_MS = 6 * 3_600_000;
/** What is left of an interaction's fifteen minutes when its token counts as expired. */
export const TOKEN_LIVES_MS = 14.5 * 60_000;
/** A turn that keeps ending its object is given up after so many starts. */
const MAX_STARTS = 3;
/** So many messages of one sender may wait. */
const MAX_WAITING = 50;
/** The next message of an answer is on its way by then, and an answer whose object ended is sent again. */
const FOLLOWS_WITHIN_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Answers that a peer gets in an hour without a pause. */
const AT_ONCE = 18;
const STOP_REACHES_MS = 12 * 3_600_000;

/** Why somebody who was promised an answer may have none, or not all of it; null if nothing excuses it. */
export function excuseFor(said: Said, sends: readonly Send[], facts: Case, replies: Replies): string | null {
  return (
    stoppedByUser(said, facts) ??
    givenUp(said, sends, facts) ??
    outOfReach(said, sends, facts) ??
    full(said, facts, replies) ??
    hushed(said, facts) ??
    (said.kind === "question" ? failed(said, facts, replies) : null)
  );
}

/** Too much waits in its session already. Its sender is told so, once. */
export function full(said: Said, facts: Case, replies: Replies): string | null {
  const before = (facts.sessions.get(said.session) ?? []).filter(
    ({ at }) => at <= (said.accepted_at ?? said.at),
  );
  const waiting = before.filter(({ n }) => {
    const [first = Number.POSITIVE_INFINITY] = [...facts.partsOf(n), ...(replies.get(n) ?? [])].map(
      ({ at }) => at,
    );
    return first > (said.accepted_at ?? said.at);
  });
  return waiting.length > MAX_WAITING ? "no room" : null;
}

/** Another agent that was answered so often in an hour is answered less and less. */
function hushed({ place, session, at }: Said, facts: Case): string | null {
  if (place.platform !== "hub") return null;
  const asked = facts.evidence.traffic.asks.filter((ask) => ask.from === session && ask.at > at - HOUR_MS);
  return new Set(asked.map(({ question }) => question)).size >= AT_ONCE ? "a talk without end" : null;
}

/** `/stop` and `/new` end what is waiting. */
function stoppedByUser(said: Said, facts: Case): string | null {
  if (said.kind !== "question" || said.accepted_at === null) return null;
  const until = said.accepted_at + STOP_REACHES_MS;
  const stops = facts
    .commands(said.session)
    .filter(({ command }) => command === "/stop" || command === "/new");
  const reached = stops.some((stop) => (stop.accepted_at ?? until) >= said.at && stop.at <= until);
  return reached ? "stopped by its user" : null;
}

/** The platform would not take it, or nobody knows whether it did. */
function givenUp({ place, session }: Said, sends: readonly Send[], facts: Case): string | null {
  const last = sends.at(-1);
  if (last === undefined) return null;
  // A change may be repeated until it is known to be made.
  const repeats = last.edit && place.platform === "telegram";
  if (isUnknown(last) && !repeats) return "of unknown outcome";
  if (last.told === "refused") return "refused by the platform";
  const waits = sends.filter(({ wait_ms }) => wait_ms !== null);
  if (waits.some(({ wait_ms }) => (wait_ms ?? 0) > LONGEST_WAIT_MS)) return "asked to wait too long";
  if (waits.length > MAX_WAITS) return "asked to wait too often";
  const failures = sends.filter(
    (send) => send.wait_ms === null && (send.told === "again" || isUnknown(send)),
  );
  if (last.told !== "done" && failures.length >= MAX_FAILURES) return "failed too often";
  if (place.platform !== "discord") return null;
  // A follow-up cannot be repeated, nor a message to the channel sent beside an edit that may be shown: one of unknown
  // outcome ends an answer, and so does a crash while one is due.
  const due = last.at + (last.wait_ms ?? 0) + FOLLOWS_WITHIN_MS;
  const unknown =
    sends.some(isUnknown) || facts.troubled(session, (sends[0]?.at ?? 0) - FOLLOWS_WITHIN_MS, due);
  return unknown ? "of unknown outcome" : null;
}

/** Discord: the interaction is over, and the bot may not write to the channel. */
function outOfReach({ place, kind, at, session }: Said, sends: readonly Send[], facts: Case): string | null {
  if (place.platform !== "discord") return null;
  if (place.scene === "dm" || (kind === "question" && place.scene !== "user_install")) return null;
  const last = sends.at(-1);
  const over = at + TOKEN_LIVES_MS;
  const waits = last !== undefined && last.told === "again" && last.at + (last.wait_ms ?? 0) >= over;
  const kept = last === undefined || waits || facts.troubled(session, last.at, over);
  return kept && (last?.at ?? 0) < over ? "out of reach" : null;
}

/** The model did not answer, or the turn ended its object again and again. A person is told by a line. */
function failed(said: Said, facts: Case, replies: Replies): string | null {
  if (replies.get(said.n)?.some(({ shown }) => shown)) return "told by a line";
  if (isToldWithAnother(said, replies, facts)) return "told by the line of what it was written with";
  if (said.place.platform !== "hub") return null;
  if (facts.asksOf(said.n).at(-1)?.whole_at === null) return "no model answered";
  return facts.troubles(said.session).filter((at) => at >= said.at).length >= MAX_STARTS ? "crashed" : null;
}
