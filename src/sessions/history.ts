import type { InboundMessage } from "../message/message.ts";
import type { SessionStore, TranscriptEntry } from "./store.ts";

/** Counted on top of each message for its role and separators. */
const TOKENS_PER_MESSAGE = 4;

/**
 * Estimates a text's tokens without a tokenizer: four ASCII characters to a token, one token for any other
 * character, which is on the high side for most languages, so that the budget is kept rather than exceeded.
 */
function estimateTokens(text: string): number {
  let ascii = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 128) ascii++;
  return TOKENS_PER_MESSAGE + Math.ceil(ascii / 4) + (text.length - ascii);
}

/**
 * The part of the transcript that a turn sends. It is kept in memory between turns, so that a turn reads
 * nothing and turn 5,000 costs what turn 50 costs.
 */
export class History {
  readonly #store: SessionStore;
  readonly #budget: number;
  #window: TranscriptEntry[] | null = null;

  constructor(store: SessionStore, budget: number) {
    this.#store = store;
    this.#budget = budget;
  }

  /** The most recent messages that fit the budget beside `next`, oldest first, a user's message first. */
  before(next: TranscriptEntry): readonly TranscriptEntry[] {
    this.#window ??= this.#store.recent(this.#budget);
    return within(this.#window, this.#budget - next.tokens);
  }

  /** Adds a question and its answer to what later turns send, once the store has them. */
  extend(question: TranscriptEntry, answer: TranscriptEntry): void {
    this.#window = [...within(this.#window ?? [], this.#budget), question, answer];
  }

  /** Forgets the conversation. */
  clear(): void {
    this.#store.clearTranscript();
    this.#window = [];
  }
}

/** The question as later turns see it: what it carried beside its text is named, not kept. */
export function questionOf({ preface = "", attachments = [], text }: InboundMessage): TranscriptEntry {
  return userEntry(`${preface}${attachments.map(({ kind }) => `[${kind}] `).join("")}${text}`);
}

export const userEntry = (content: string): TranscriptEntry => entry("user", content);
export const assistantEntry = (content: string): TranscriptEntry => entry("assistant", content);

function entry(role: TranscriptEntry["role"], content: string): TranscriptEntry {
  return { role, content, tokens: estimateTokens(content) };
}

function within(entries: readonly TranscriptEntry[], budget: number): readonly TranscriptEntry[] {
  let start = entries.length;
  let left = budget;
  while (start > 0) {
    left -= entries[start - 1]?.tokens ?? 0;
    if (left < 0) break;
    start--;
  }
  // Anthropic's Messages API wants a user's message first.
  while (start < entries.length && entries[start]?.role !== "user") start++;
  return start === 0 ? entries : entries.slice(start);
}
