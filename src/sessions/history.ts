import type { QuestionAndAnswer } from "../env.ts";
import type { ChatMessage } from "../inference/types.ts";
import type { Sql } from "../lib/ports.ts";
import type { InboundMessage } from "../message/message.ts";
import {
  type Before,
  countMessages,
  insertBefore,
  type Marks,
  putBackExchange,
  readBackwards,
  readMarks,
  type Said,
  takeOutExchange,
  writeMarks,
} from "./store/conversation.ts";

/** Counted on top of each message for its role and separators. */
const TOKENS_PER_MESSAGE = 4;

/**
 * Estimates a text's tokens without a tokenizer: four ASCII characters to a token, one token for any other
 * character, which is on the high side for most languages, so that the budget is kept rather than exceeded.
 */
export function estimateTokens(text: string): number {
  let ascii = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 128) ascii++;
  return TOKENS_PER_MESSAGE + Math.ceil(ascii / 4) + (text.length - ascii);
}

interface Entry extends Said {
  readonly tokens: number;
}

/**
 * The part of the conversation that a turn sends. It is kept in memory between turns, so that a turn reads
 * nothing and turn 5,000 costs what turn 50 costs. It only grows at its end, until it is over the budget; then
 * its older half goes at once. So most requests begin as the one before did, which is what endpoints' prompt
 * caches look at.
 */
export class History {
  readonly #sql: Sql;
  readonly #budget: number;
  #marks: Marks | null = null;
  #window: Entry[] | null = null;

  /** @param budget estimated tokens that question and history may come to */
  constructor(sql: Sql, budget: number) {
    this.#sql = sql;
    this.#budget = budget;
  }

  /** The seq from which on exchanges are sent: older ones are not needed any more. */
  get windowFrom(): number {
    const { from, window } = this.#read();
    return Math.max(from, window);
  }

  /** The seq from which on exchanges make no room: what /new took away is kept, until what is sent is trimmed. */
  get keepFrom(): number {
    const { from, window } = this.#read().before ?? this.#read();
    return Math.max(from, window);
  }

  /** The seq with which the conversation begins. */
  get from(): number {
    return this.#read().from;
  }

  /**
   * The messages to send before this question, oldest first.
   * @param replaced seq of the exchange in whose place it is asked
   * @throws if the storage fails
   */
  before(question: string, replaced?: number): ChatMessage[] {
    const window = without(this.#trimmed(estimateTokens(question)), replaced);
    return window.flatMap(({ question: asked, answer }) => [
      { role: "user" as const, content: asked },
      { role: "assistant" as const, content: answer },
    ]);
  }

  /**
   * Adds an exchange to what later turns send, in the place of the one that it replaces, once the store has it; not
   * one that was forgotten meanwhile.
   */
  extend(said: Said, replaced?: number): void {
    if (said.seq < this.#read().from || this.#window === null) return;
    this.#window = [...without(this.#window, replaced), entry(said)];
  }

  /** Puts another session's conversation before this one's. @throws if the storage fails */
  adopt(said: readonly QuestionAndAnswer[]): void {
    if (said.length === 0) return;
    const from = insertBefore(this.#sql, said);
    this.#set({ from, window: from });
    this.#window = null;
  }

  /** What is sent of the conversation, oldest first. */
  read(): readonly Said[] {
    this.#window ??= this.#load();
    return this.#window;
  }

  /**
   * Forgets the conversation up to and with this exchange. With what was `chosen` for it this can be taken back,
   * until the next time. @throws if the storage fails
   */
  clear(seq: number, chosen?: Pick<Before, "override" | "settings">): void {
    const { from, window, before } = this.#read();
    // A command that is taken up again has nothing more to take away.
    const kept = chosen && (from === seq + 1 ? before : { from, window, ...chosen });
    this.#set({ from: seq + 1, window: 0, ...(kept && { before: kept }) });
    this.#window = (this.#window ?? []).filter((entry) => entry.seq > seq);
  }

  /** What `/new` with this seq took away; null where it is not the newest, or was taken back. */
  takenAwayBy(seq: number): Before | null {
    const { from, before } = this.#read();
    return from === seq + 1 && before ? before : null;
  }

  /** Takes `/new` with this seq back: what came since then follows what was before. @throws if the storage fails */
  restore(seq: number): void {
    const before = this.takenAwayBy(seq);
    if (!before) return;
    this.#set({ from: before.from, window: before.window });
    this.#window = null;
  }

  /** Takes one exchange out, so that it can be put back. @throws if the storage fails */
  takeOut(seq: number): void {
    takeOutExchange(this.#sql, seq);
    this.#window &&= without(this.#window, seq);
  }

  /** Puts one back that was taken out of this conversation; false where it cannot be. @throws if the storage fails */
  putBack(seq: number): boolean {
    const there = putBackExchange(this.#sql, seq, this.from);
    this.#window = null;
    return there;
  }

  /** How many messages the conversation holds. */
  count(): number {
    return countMessages(this.#sql, this.#read().from);
  }

  #read(): Marks {
    this.#marks ??= readMarks(this.#sql);
    return this.#marks;
  }

  #set(marks: Marks): void {
    writeMarks(this.#sql, marks);
    this.#marks = marks;
  }

  /** The window with room for so many more tokens. */
  #trimmed(more: number): readonly Entry[] {
    this.#window ??= this.#load();
    const room = this.#budget - more;
    let total = this.#window.reduce((sum, { tokens }) => sum + tokens, 0);
    if (total <= room) return this.#window;
    let start = 0;
    while (start < this.#window.length && total > room / 2) total -= this.#window[start++]?.tokens ?? 0;
    const next = this.#window[start]?.seq ?? (this.#window.at(-1)?.seq ?? 0) + 1;
    this.#window = this.#window.slice(start);
    // From here on what /new took away would keep rows that nothing needs: it cannot be taken back any more.
    this.#set({ from: this.#read().from, window: next });
    return this.#window;
  }

  /** The newest exchanges that fit the budget; what is more than that would be cut off before it is sent. */
  #load(): Entry[] {
    const entries: Entry[] = [];
    let total = 0;
    for (const said of readBackwards(this.#sql, this.windowFrom)) {
      const read = entry(said);
      total += read.tokens;
      entries.push(read);
      if (total > this.#budget) break;
    }
    return entries.reverse();
  }
}

/**
 * The question as later turns see it: its pictures are named and not kept.
 * @param carried what its other files became
 */
export function questionOf({ preface = "", attachments = [], text }: InboundMessage, carried = ""): string {
  const pictures = attachments.filter(({ kind }) => kind === "image").map(() => "[image] ");
  return `${preface}${pictures.join("")}${carried}${text}`;
}

const without = (entries: readonly Entry[], seq?: number): Entry[] =>
  entries.filter((entry) => entry.seq !== seq);

const entry = (said: Said): Entry => ({
  ...said,
  tokens: estimateTokens(said.question) + estimateTokens(said.answer),
});
