import { type Evidence, type Kill, type Part, partOf, type Said, type Shown } from "./evidence.ts";

/** The gateway has stored by then what a double has answered. */
const STORED_WITHIN_MS = 250;
/** A turn is started so often before its sender is told that it failed. */
export const STARTS = 3;
const CRASHED_LINE = /^Something went wrong while answering this, more than once/;
/** A message of Discord that is shorter than this had room for the next line. */
const FULL_ON_DISCORD = 1_900;

/** A message as its chat reads it in the end, and the calls that made it and changed it. */
export interface Message {
  readonly calls: readonly [Shown, ...Shown[]];
  readonly last: Shown;
  /** Which part of which answer it reads in the end; null where it is none. */
  readonly part: Part | null;
  /** Which question it is for, by anything that it ever read; undefined where it is for none. */
  readonly n: number | undefined;
}

/** What became of one message, as its chat shows it. */
export interface Fate {
  readonly said: Said;
  readonly kind: "answered" | "cut" | "given_up" | "lost" | "unanswered";
  /** When the first and the last message of its answer were shown first; null where there is none. */
  readonly span: readonly [first: number, last: number] | null;
  /** Messages shown again because a kill fell into their call. */
  readonly again: number;
  /** Messages left half written, because a kill fell into the call that made them: nobody knew their ids. */
  readonly left: number;
  /** Whether it was seen while it was written. */
  readonly live: boolean;
  /** Whether what a kill had left half written went on in the same message. */
  readonly went_on: boolean;
  readonly objections: readonly string[];
}

/** The messages that the chats show, in the order in which they appeared. */
export function messagesIn(shown: readonly Shown[]): Message[] {
  const ordered = shown.toSorted((a, b) => a.at - b.at);
  return [...Map.groupBy(ordered, ({ message }) => message).values()].flatMap((calls) => {
    const [first, ...rest] = calls;
    if (first === undefined) return [];
    const last = rest.at(-1) ?? first;
    const n = calls.map(({ text }) => partOf(text)?.n).find((found) => found !== undefined);
    return [{ calls: [first, ...rest], last, part: partOf(last.text), n }];
  });
}

/** What became of every message. */
export function fatesOf({ said, shown, kills }: Evidence): Fate[] {
  const messages = messagesIn(shown);
  const answers = Map.groupBy(messages, ({ n }) => n);
  return said.map((one) =>
    fateOf(one, answers.get(one.n) ?? [], kills, () => isGivenUp(one, said, messages, kills)),
  );
}

export const nameOf = ({ n, chat }: Said): string => `message ${n} of ${chat}`;

function fateOf(
  said: Said,
  messages: readonly Message[],
  kills: readonly Kill[],
  isGivenUp: () => boolean,
): Fate {
  const attempts = messages.flatMap(({ part }) => part?.attempt ?? []);
  const isKept = ({ part }: Message) => part?.attempt === Math.max(...attempts);
  const kept = messages.filter(isKept);
  const left = messages.filter((message) => message.part !== null && !isKept(message));
  const copies = [...Map.groupBy(kept, ({ last }) => last.text).values()];
  const parts = copies.flatMap(([first]) => first ?? []);
  const again = copies.flatMap((same) => same.slice(0, -1));
  const objections = [
    ...again
      .filter((message) => !mayComeAgain(message, kills))
      .map(() => "was shown twice, and nothing excuses it"),
    ...left.filter((message) => !mayBeLeft(message, kills)).map(() => "has half an answer beside another"),
    ...(isInOrder(parts) ? [] : ["has an answer that is not in order"]),
    ...messages.flatMap(changesOf),
  ];
  const isWhole = parts.length > 0 && parts.at(-1)?.part?.last === parts[0]?.part?.lines;
  const kind = isWhole ? "answered" : unfinished();
  if (kind === "lost")
    objections.push(kept.length === 0 ? "was accepted and never answered" : "lost the end");
  return {
    said,
    kind,
    span: kind === "given_up" ? null : spanOf(messages, parts),
    again: again.length,
    left: left.length + (kind === "given_up" ? kept.length : 0),
    live: messages.some(
      ({ calls, part }) => part !== null && calls.some(({ text }) => text !== calls[0].text),
    ),
    went_on: kept.some(({ calls }) => new Set(calls.map(({ text }) => partOf(text)?.attempt)).size > 1),
    objections: objections.map((what) => `${nameOf(said)} ${what}`),
  };

  function unfinished(): Fate["kind"] {
    if (isCut(said, parts.at(-1), kills)) return "cut";
    if (said.accepted_at === null) return "unanswered";
    return kept.every((message) => mayBeLeft(message, kills)) && isGivenUp() ? "given_up" : "lost";
  }
}

/** Telegram has no idempotency key: a message is sent again if a kill fell into the call. */
function mayComeAgain({ calls }: Message, kills: readonly Kill[]): boolean {
  return calls[0].chat.startsWith("telegram:") && calls.length === 1 && isKilled(calls[0], kills);
}

/** Nor does anybody know the id of a message if a kill fell into the call that made it. */
const mayBeLeft = mayComeAgain;

/**
 * A follow-up of Discord cannot be repeated: one of which nobody knows ends the answer. It is on its way from when
 * the message before it is shown; an edit is repeated.
 */
function isCut({ chat }: Said, message: Message | undefined, kills: readonly Kill[]): boolean {
  if (message === undefined || !chat.startsWith("discord:")) return false;
  const { last, part } = message;
  if (part?.broken || last.text.length < FULL_ON_DISCORD) return false;
  return isKilled(part?.first === 1 ? { ...last, at: last.ended_at } : last, kills);
}

/** What is wrong with how a message changed: it grows into an answer, and stays. */
function changesOf({ calls, last, n }: Message): string[] {
  const whole = calls.findIndex(({ text }) => text === last.text);
  const mixed = calls.some(({ text }) => (partOf(text)?.n ?? n) !== n);
  return [
    ...(calls.slice(whole).some(({ text }) => text !== last.text) ? ["was shown half again"] : []),
    ...(mixed ? ["has the answer to another in its message"] : []),
  ];
}

function spanOf(messages: readonly Message[], parts: readonly Message[]): Fate["span"] {
  const [first] = messages;
  const ends = parts.map(({ calls, last }) => calls.find(({ text }) => text === last.text)?.at ?? last.at);
  return first && ends.length > 0 ? [first.calls[0].at, Math.max(...ends)] : null;
}

/** Whether a kill fell into a call, or came before its end was stored. */
const isKilled = ({ at, ended_at }: Pick<Shown, "at" | "ended_at">, kills: readonly Kill[]): boolean =>
  killsIn(kills, at, ended_at + STORED_WITHIN_MS) > 0;

/** How many kills fell into this time. */
export const killsIn = (kills: readonly Kill[], from: number, to: number): number =>
  kills.filter((kill) => kill.from <= to && kill.gone_at >= from).length;

/** Only what is written last may end within a line. */
const isInOrder = (parts: readonly Message[]): boolean =>
  parts.every(({ part }, i) => {
    const before = i === 0 ? null : parts[i - 1]?.part;
    return part?.first === (before?.last ?? 0) + 1 && !before?.broken;
  });

/** Whether it was given up because of kills: so many from when it was said to its chat's next answer. */
function isGivenUp(
  said: Said,
  all: readonly Said[],
  messages: readonly Message[],
  kills: readonly Kill[],
): boolean {
  const later = new Set(all.filter(({ n, chat }) => chat === said.chat && n > said.n).map(({ n }) => n));
  const next = messages.filter(({ n }) => later.has(n ?? 0)).map(({ calls }) => calls[0].at);
  return killsIn(kills, said.at, Math.min(Number.POSITIVE_INFINITY, ...next)) >= STARTS;
}

/** What is shown and is no answer to a message of that chat; and lines about failures that were none, or are missing. */
export function strangeIn(shown: readonly Shown[], fates: readonly Fate[]): string[] {
  const byNumber = new Map(fates.map((fate) => [fate.said.n, fate]));
  const objections: string[] = [];
  for (const { chat, text, to } of shown) {
    if (CRASHED_LINE.test(text)) continue;
    const n = partOf(text)?.n;
    const said = byNumber.get(n ?? 0)?.said;
    if (n === undefined) objections.push(`${chat} reads: ${text}`);
    else if (said?.chat !== chat)
      objections.push(`${chat} reads what was for ${said?.chat ?? "nobody"}: ${text}`);
    else if (to !== undefined && to !== n)
      objections.push(`message ${to} of ${chat} was answered with: ${text}`);
  }
  const lines = messagesIn(shown).filter(({ last }) => CRASHED_LINE.test(last.text));
  const chats = new Set([...shown, ...fates.map(({ said }) => said)].map(({ chat }) => chat));
  for (const chat of chats) {
    const given_up = fates.filter(({ kind, said }) => kind === "given_up" && said.chat === chat).length;
    const expected = chat.startsWith("hub:") ? 0 : given_up;
    const told = lines.filter(({ last }) => last.chat === chat).length;
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
