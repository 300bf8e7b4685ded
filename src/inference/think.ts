const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * Takes `<think>…</think>` off the start of an answer, in pieces of any size.
 * Reasoning models write it there and nowhere else: once other text has begun, a literal `<think>`
 * (in code, or in an answer about the tag) stays. Leading white space goes too.
 */
export class ThinkFilter {
  /** True once answer text has begun: every further piece is text as it is. */
  passed = false;
  /** True once a `<think>` was seen. */
  reasoned = false;
  #inside = false;
  #held = "";

  /** The part of this piece that is answer text. */
  feed(piece: string): string {
    if (this.passed) return piece;
    let rest = this.#held + piece;
    for (;;) {
      if (this.#inside) {
        const end = rest.indexOf(CLOSE);
        if (end < 0) {
          // Only what may be the beginning of the closing tag is kept: reasoning can be long.
          this.#held = rest.slice(-(CLOSE.length - 1));
          return "";
        }
        this.#inside = false;
        rest = rest.slice(end + CLOSE.length);
      }
      rest = rest.trimStart();
      if (!rest.startsWith(OPEN)) break;
      this.#inside = true;
      this.reasoned = true;
      rest = rest.slice(OPEN.length);
    }
    if (OPEN.startsWith(rest)) {
      this.#held = rest;
      return "";
    }
    this.passed = true;
    this.#held = "";
    return rest;
  }

  /** What is still held when the answer ends: the beginning of a tag that never came. */
  end(): string {
    return this.#inside || this.passed ? "" : this.#held;
  }
}
