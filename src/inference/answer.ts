import type { Finish } from "./errors.ts";
import { MAX_ANSWER_CHARS } from "./limits.ts";
import { ThinkFilter } from "./think.ts";
import type { Failure, LiveText, Usage } from "./types.ts";

export const NO_USAGE: Usage = { input: null, output: null, cached: null, reasoning: null };

/** Two counts together; null only where neither is known. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum = (x: number | null, y: number | null) => (x === null ? y : x + (y ?? 0));
  return {
    input: sum(a.input, b.input),
    output: sum(a.output, b.output),
    cached: sum(a.cached, b.cached),
    reasoning: sum(a.reasoning, b.reasoning),
  };
}

/** What one try has brought so far. An api mode fills it; `infer` judges it. */
export class AnswerDraft {
  text = "";
  usage: Usage = NO_USAGE;
  /** Set by the endpoint's finish mark; null means that the answer is not whole. */
  finish: Finish | null = null;
  /** Nothing more is to come, not even usage. */
  done = false;
  failure: Failure | null = null;
  /** Reasoning arrived, in a field of its own or as `<think>`. */
  reasoned = false;
  /** Unix milliseconds of the first text. */
  first_text_at: number | null = null;
  readonly #think = new ThinkFilter();
  /** The next text is a new paragraph. */
  #apart = false;
  readonly #now: () => number;
  readonly #live: LiveText | undefined;

  constructor(now: () => number, live?: LiveText) {
    this.#now = now;
    this.#live = live;
  }

  /** Whether the model has begun to put anything out. */
  get began(): boolean {
    return this.reasoned || this.first_text_at !== null;
  }

  addText(piece: string): void {
    if (piece === "") return;
    if (this.#think.passed) {
      this.#append(piece);
      return;
    }
    const text = this.#think.feed(piece);
    if (this.#think.reasoned) this.reasoned = true;
    if (text !== "") this.#append(text);
  }

  /** Keeps the text so far apart from what follows: something that is no text stands between them. */
  breakText(): void {
    this.#apart = true;
  }

  /** Marks the answer whole. The first mark counts. */
  finishAs(finish: Finish): void {
    if (this.finish !== null) return;
    const held = this.#think.end();
    if (held !== "") this.#append(held);
    this.finish = finish;
  }

  /** Marks the answer failed, unless it is whole already. */
  fail(failure: Failure): void {
    if (this.finish === null) this.failure ??= failure;
  }

  #append(text: string): void {
    const piece = this.#apart && this.text !== "" && !/\n$/.test(this.text) ? `\n\n${text}` : text;
    this.#apart = false;
    if (this.text.length + piece.length > MAX_ANSWER_CHARS) {
      this.fail({ reason: "too_large", detail: `more than ${MAX_ANSWER_CHARS} characters` });
      return;
    }
    this.first_text_at ??= this.#now();
    this.text += piece;
    this.#live?.(this.text);
  }
}
