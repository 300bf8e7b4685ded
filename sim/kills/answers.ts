import { type Evidence, type Kill, type Part, partOf, type Said, type Shown } from "./evidence.ts";

/** The gateway has stored by then what a double has answered. */
const STORED_WITHIN_MS = 250;
/** A turn is started so often before its sender is told that it failed. */
export const STARTS = 3;
const CRASHED_LINE = /^Something went wrong while answering this, more than once/;

/** What became of one message, as its chat shows it. */
export interface Fate {
  readonly said: Said;
  readonly kind: "answered" | "cut" | "given_up" | "lost" | "unanswered";
  /** When the first and the last message of its answer were shown first; null where there is none. */
  readonly span: readonly [first: number, last: number] | null;
  /** Messages shown again because a kill fell into their call. */
  readonly again: number;
  readonly objections: readonly string[];
}

/** What became of every message. */
export function fatesOf(evidence: Evidence): Fate[] {
  const answers = Map.groupBy(evidence.shown, ({ text }) => partOf(text)?.n);
  return evidence.said.map((said) => fateOf(said, answers.get(said.n) ?? [], evidence));
}

export const nameOf = ({ n, chat }: Said): string => `message ${n} of ${chat}`;

function fateOf(said: Said, shown: readonly Shown[], evidence: Evidence): Fate {
  const ordered = shown.toSorted((a, b) => a.at - b.at);
  const shows = [...Map.groupBy(ordered, ({ text }) => text).values()];
  const firsts = shows.flatMap(([first]) => first ?? []);
  const again = shows.flatMap((calls) => repeats(said, calls, evidence.kills));
  const objections = again
    .filter((excused) => !excused)
    .map(() => `${nameOf(said)} was answered again without a kill in the call before`);
  const [first, last] = [firsts[0], firsts.at(-1)];
  const rest = {
    said,
    again: again.filter(Boolean).length,
    span: first && last ? ([first.at, last.at] as const) : null,
  };
  const parts = firsts.flatMap(({ text }) => partOf(text) ?? []);
  if (!areOneAfterTheOther(parts)) objections.push(`the answer to ${nameOf(said)} is not in order`);

  if (first === undefined || last === undefined) {
    if (said.accepted_at === null) return { ...rest, kind: "unanswered", objections };
    if (isGivenUp(said, evidence)) return { ...rest, kind: "given_up", objections };
    return {
      ...rest,
      kind: "lost",
      objections: [...objections, `${nameOf(said)} was accepted and never answered`],
    };
  }
  const whole = parts.at(-1)?.last === parts[0]?.lines;
  if (whole) return { ...rest, kind: "answered", objections };
  // A follow-up of Discord cannot be repeated: one of which nobody knows ends the answer.
  const cut = said.chat.startsWith("discord:") && isKilled(last, evidence.kills);
  if (cut) return { ...rest, kind: "cut", objections };
  if (said.accepted_at === null) return { ...rest, kind: "unanswered", objections };
  return {
    ...rest,
    kind: "lost",
    objections: [...objections, `the end of the answer to ${nameOf(said)} is missing`],
  };
}

/** For each show of a text but the first, whether it is excused: on Telegram, by a kill in the call before. */
function repeats({ chat }: Said, shows: readonly Shown[], kills: readonly Kill[]): boolean[] {
  return shows.slice(0, -1).map((before) => chat.startsWith("telegram:") && isKilled(before, kills));
}

/** Whether a kill fell into a call, or came before its end was stored. */
const isKilled = ({ at, ended_at }: Shown, kills: readonly Kill[]): boolean =>
  killsIn(kills, at, ended_at + STORED_WITHIN_MS) > 0;

/** How many kills fell into this time. */
export const killsIn = (kills: readonly Kill[], from: number, to: number): number =>
  kills.filter((kill) => kill.from <= to && kill.gone_at >= from).length;

const areOneAfterTheOther = (parts: readonly Part[]): boolean =>
  parts.every((part, i) => part.first === (parts[i - 1]?.last ?? 0) + 1);

/** Whether it was given up because of kills: so many from when it was said to its chat's next answer. */
function isGivenUp(said: Said, { said: all, shown, kills }: Evidence): boolean {
  const later = new Set(all.filter(({ n, chat }) => chat === said.chat && n > said.n).map(({ n }) => n));
  const next = shown.filter(({ text }) => later.has(partOf(text)?.n ?? 0)).map(({ at }) => at);
  const until = Math.min(Number.POSITIVE_INFINITY, ...next);
  return killsIn(kills, said.at, until) >= STARTS;
}

/** What is shown and is no answer to a message of that chat; and lines about failures that were none, or are missing. */
export function strangeIn(shown: readonly Shown[], fates: readonly Fate[]): string[] {
  const byNumber = new Map(fates.map((fate) => [fate.said.n, fate]));
  const objections: string[] = [];
  const lines = new Map<string, number>();
  for (const { chat, text, to } of shown) {
    const n = partOf(text)?.n;
    const said = byNumber.get(n ?? 0)?.said;
    if (CRASHED_LINE.test(text)) lines.set(chat, (lines.get(chat) ?? 0) + 1);
    else if (n === undefined) objections.push(`${chat} reads: ${text}`);
    else if (said?.chat !== chat)
      objections.push(`${chat} reads what was for ${said?.chat ?? "nobody"}: ${text}`);
    else if (to !== undefined && to !== n)
      objections.push(`message ${to} of ${chat} was answered with: ${text}`);
  }
  const chats = new Set([...shown, ...fates.map(({ said }) => said)].map(({ chat }) => chat));
  for (const chat of chats) {
    const given_up = fates.filter(({ kind, said }) => kind === "given_up" && said.chat === chat).length;
    const expected = chat.startsWith("hub:") ? 0 : given_up;
    const told = lines.get(chat) ?? 0;
    if (told !== expected) objections.push(`${chat} was told of ${told} failures, and had ${expected}`);
  }
  return objections;
}

/** A chat's messages were said one after the other: so are their answers. */
export function disorderIn(fates: readonly Fate[]): string[] {
  return [...Map.groupBy(fates, ({ said }) => said.chat).values()].flatMap((here) => {
    // An interaction that broke has no place in the order.
    const placed = here.filter(({ said, span }) => said.accepted_at !== null && span !== null);
    return placed.flatMap(({ said, span }, i) => {
      const before = placed[i - 1];
      const early = before !== undefined && (span?.[0] ?? 0) < (before.span?.[1] ?? 0);
      return early ? [`${nameOf(said)} was answered before ${nameOf(before.said)}`] : [];
    });
  });
}
