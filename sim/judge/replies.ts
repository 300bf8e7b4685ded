import type { Place } from "../world/places.ts";
import { isUnknown, type Said, type Send } from "../world/traffic.ts";
import type { Case } from "./case.ts";
import { finalsOf } from "./messages.ts";

/** What the answer to each command begins like. */
const ANSWERS: readonly (readonly [RegExp, RegExp])[] = [
  [/^\/model (fast|strong)$/, /^Model: (fast|strong)-model \(custom\), from the next/],
  [/^\/model reset$/, /^Back to the route\./],
  [/^\/model nonsense\d+$/, /^There is no model `?nonsense\d+`? here\./],
  [/^\/model$/, /^Model: (?!.*from the next|.*\nYou are: )/],
  [/^\/status$/, /^Model: .*\nYou are: /],
  [/^\/new$/, /^New conversation\./],
  [/^\/stop$/, /^(There is nothing to stop\.|Stopped[.,])/],
  [/^\/usage$/, /^(Nothing has been used|Today \(UTC\))/],
  [/^\/help$/, /^(Just write|Mention me|Ask me)/],
  [/^\/nothing\d+$/, /^(There is no command \/nothing\d+\.|I do not know this command\.)/],
];
const DENIED = /^Only the owner can use/;
const FAILED = /^That did not work\./;
/** A message whose object crashed each time is given up, a command like a question. */
const CRASHED = /^Something went wrong while answering this, more than once\./;

/** Whether a text answers this command. */
export function answers(command: string, text: string): boolean {
  if (FAILED.test(text)) return true;
  if (DENIED.test(text)) return command.startsWith("/model ");
  const [, pattern] = ANSWERS.find(([name]) => name.test(command)) ?? [];
  if (!pattern?.test(text)) return false;
  // A command that sets a model, or that does not exist, is named.
  const [wanted] = /(fast|strong|(nonsense|nothing)\d+)$/.exec(command) ?? [];
  return wanted === undefined || text.includes(wanted) || text.startsWith("I do not know");
}

/** By a message's number: the requests that answer it with a line, a command's answer or word of a failure. */
export type Replies = ReadonlyMap<number, readonly Send[]>;

/** Finds the message that each line answers: by what it replies to, else by order and kind. */
export function matchReplies(facts: Case): Replies {
  const replies = new Map<number, Send[]>();
  for (const [session, said] of facts.sessions) {
    const refs = new Map(said.map((one) => [one.ref, one]));
    const slots = new Map(said.flatMap((one) => facts.partsOf(one.n).map(({ slot }) => [slot, one])));
    for (const send of facts.linesOf(session)) {
      const before = said.filter(({ at }) => at <= send.at);
      const named = send.ref !== null ? refs.get(send.ref) : send.edit ? slots.get(send.slot) : null;
      // What it names may have stayed in the chat that this one was.
      const one =
        named ??
        again(before, replies, send, facts) ??
        ofCommand(before, replies, send) ??
        ofQuestion(before, replies, send, facts) ??
        ofCrashes(before, replies, send);
      if (one) replies.set(one.n, [...(replies.get(one.n) ?? []), send]);
    }
  }
  return replies;
}

/** The longest pause between two tries, beside what a platform asks to wait. */
const TRIES_AGAIN_WITHIN_MS = 2 * 60_000;
/** After a pause like this, a line answers rather the next command of the same kind. */
const QUICK_MS = 10_000;

/** A try soon after one that failed, or was not heard of, is for the same message; unless another had its turn since. */
function again(said: readonly Said[], replies: Replies, send: Send, facts: Case): Said | undefined {
  const { at, text } = send;
  return said.find(({ n, kind, place }) => {
    const last = replies.get(n)?.at(-1);
    if (last?.text !== text) return false;
    // What Discord refuses under an interaction is sent to the channel instead.
    if (
      !isUnknown(last) &&
      last.told !== "again" &&
      !(last.told === "refused" && place.platform === "discord")
    )
      return false;
    if (kind === "command" && !mayFollow(place, send)) return false;
    const pause_ms = at - last.at - (last.wait_ms ?? 0);
    if (pause_ms > TRIES_AGAIN_WITHIN_MS) return false;
    const asked = said.some((other) => other.n > n && !replies.has(other.n) && answers(other.command, text));
    if (asked && pause_ms > QUICK_MS) return false;
    return !said.some((other) =>
      kind === "question"
        ? facts.asksOf(other.n).some((ask) => ask.at > last.at && ask.at < at)
        : other.kind === "command" && replies.get(other.n)?.some((reply) => reply.at > last.at),
    );
  });
}

/** Discord posts a command's answer to a channel only in its user's DM, where "Stopped." ends a question too. */
const mayFollow = ({ platform, scene }: Place, { text }: Send): boolean =>
  platform !== "discord" || (scene === "dm" && text !== "Stopped.");

function ofCommand(said: readonly Said[], replies: Replies, send: Send): Said | undefined {
  const fitting = said.filter(
    ({ kind, command, place }) => kind === "command" && mayFollow(place, send) && answers(command, send.text),
  );
  const open = fitting.filter(({ n }) => !replies.has(n));
  return open.find(({ accepted_at }) => accepted_at !== null) ?? open[0] ?? fitting.at(-1);
}

/**
 * Whether nobody can be sure which command a line answers: in a direct chat it does not say, and once something went
 * wrong there, one that is sent again looks like the answer to the next.
 */
export function isUnsure({ kind, command, place, session }: Said, facts: Case): boolean {
  const denied = command.startsWith("/model") && place.kind !== "owner";
  if (kind !== "command" || (/\d$/.test(command) && !denied)) return false;
  if (place.platform === "telegram" ? place.chat.startsWith("-") : place.scene !== "dm") return false;
  const failed = facts.linesOf(session).some((line) => line.told !== "done" || isUnknown(line));
  return failed || facts.troubles(session).length > 0 || facts.evidence.plan.impatient;
}

/** Word of a failure, about what was asked last, or else has waited longest. */
function ofQuestion(said: readonly Said[], replies: Replies, { at }: Send, facts: Case): Said | undefined {
  const open = said.filter(
    (one) =>
      one.kind === "question" &&
      !replies.has(one.n) &&
      !facts.isJoined(one) &&
      !isToldWithAnother(one, replies, facts) &&
      finalsOf(one.n, facts).length === 0,
  );
  const lastAsked = ({ n }: Said) => facts.asksOf(n).findLast((ask) => ask.at <= at)?.at ?? 0;
  // What was stopped before is over, as a rule.
  const stops = said.filter(({ command }) => command === "/stop" || command === "/new");
  const left = open.filter((one) => !stops.some((stop) => stop.at > one.at && (stop.accepted_at ?? at) < at));
  return (left.length > 0 ? left : open).toSorted((a, b) => lastAsked(b) - lastAsked(a))[0];
}

/** Whether it was written as one with a message that has its line, and was never asked by itself. */
export const isToldWithAnother = (said: Said, replies: Replies, facts: Case): boolean =>
  facts.asksOf(said.n).length === 0 &&
  facts.writtenWith(said).some((other) => replies.get(other.n)?.some(({ shown }) => shown));

/** The command that was given up, where no question was. */
function ofCrashes(said: readonly Said[], replies: Replies, { text }: Send): Said | undefined {
  if (!CRASHED.test(text)) return undefined;
  return said.find(
    ({ n, kind, accepted_at }) => kind === "command" && accepted_at !== null && !replies.has(n),
  );
}

/** When a command's answer was first on its way: it had been carried out by then. Null if it never was. */
export function answeredAt({ n }: Said, replies: Replies): number | null {
  const sends = (replies.get(n) ?? []).filter(({ text }) => !FAILED.test(text) && !CRASHED.test(text));
  return sends[0]?.at ?? null;
}
