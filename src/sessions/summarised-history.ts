import * as v from "valibot";
import type { ChatMessage } from "../inference/types.ts";
import type { Sql } from "../lib/ports.ts";
import { number } from "../lib/schema.ts";
import { type Entry, History } from "./history.ts";
import { readMetaAs, writeMeta } from "./store/tables.ts";

/** How many exchanges are kept beside the summary that stands for them: up to so many, the conversation is there whole. */
const KEEP_SUMMARISED = 5_000;

const SUMMARY = "summary";
const Stored = v.object({
  /** The last exchange that it stands for. */
  seq: number,
  question: v.string(),
  answer: v.string(),
  tokens: number,
  /** The message before or by which it was made. */
  by: number,
});
type Stored = Readonly<v.InferOutput<typeof Stored>>;

/** A history in which a summary may stand for what was said before its window. */
export class SummarisedHistory extends History {
  readonly #sql: Sql;
  #stored: Stored | null | undefined;

  constructor(sql: Sql, budget: number) {
    super(sql, budget);
    this.#sql = sql;
  }

  /** The summary in force. `/new`, and whatever else moves the conversation's beginning, leaves it behind. */
  get summary(): Stored | null {
    const { from, windowFrom } = this;
    // A conversation that is sent whole has none, and reads none.
    if (windowFrom <= from) return null;
    if (this.#stored === undefined) this.#stored = readMetaAs(Stored, this.#sql, SUMMARY);
    return this.#stored && this.#stored.seq >= from && this.#stored.seq < windowFrom ? this.#stored : null;
  }

  override get sent(): readonly Entry[] {
    return this.summary ? [this.summary, ...this.words] : this.words;
  }

  /** What is sent word for word. */
  get words(): readonly Entry[] {
    return super.sent;
  }

  override get keepFrom(): number {
    const kept = super.keepFrom;
    return this.summary ? Math.min(kept, Math.max(this.from, this.windowFrom - KEEP_SUMMARISED)) : kept;
  }

  override before(question: string, replaced?: number): ChatMessage[] {
    if (replaced !== undefined) this.#unfold(replaced);
    return super.before(question, replaced);
  }

  override takeOut(seq: number): void {
    super.takeOut(seq);
    this.#unfold(seq);
  }

  override putBack(seq: number): boolean {
    const there = super.putBack(seq);
    if (there) this.#unfold(seq);
    return there;
  }

  /**
   * Has a summary stand for what was said up to its `seq`, and sends word for word what follows, from `next` on. Part of
   * a transaction of the caller's. @throws if the storage fails
   */
  summarise(summary: Stored, next: number): void {
    writeMeta(this.#sql, SUMMARY, JSON.stringify(summary));
    this.startAt(next);
    this.#stored = summary;
  }

  /** Takes the summary back where it has this exchange: what it stands for is sent word for word, as far as it fits. */
  #unfold(seq: number): void {
    if (this.summary && seq <= this.summary.seq) this.startAt(this.from);
  }
}
