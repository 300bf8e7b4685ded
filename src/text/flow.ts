/** What a stretch of a text is; what a platform makes of each is its own. `raw` is markup that stays as it is. */
export type Type = "bold" | "italic" | "strikethrough" | "code" | "link" | "pre" | "quote" | "raw";

/** A style from offset `from` up to, not including, `to`. */
export interface Span {
  readonly type: Type;
  /** A link's address, "" where its text is the address; a code block's language. */
  readonly detail: string;
  readonly from: number;
  readonly to: number;
}

/** A styled text: spans in order, the outer before the inner, none crossing. Offsets are in UTF-16 units. */
export interface Styled {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** Styles within one another; deeper ones are not shown. */
const MAX_NESTED = 8;

/** Writes a styled text. What may turn out to be a delimiter is a piece of its own, emptied once its partner is found. */
export class Writer {
  readonly pieces: string[] = [];
  /** What each line begins with: the indentation of a list, a quote's bar. */
  prefix = "";
  readonly #marks: Span[] = [];
  /** Line ends that are due as soon as something follows. */
  #due = 0;

  /** Appends text, and returns its number among the pieces. */
  push(text: string, type?: Type | undefined, detail?: string): number {
    if (text !== "") this.#settle();
    const piece = this.pieces.push(text.replaceAll("\n", `\n${this.prefix}`)) - 1;
    this.mark(type, piece, detail);
    return piece;
  }

  /** Shows the pieces from this one on so. Of two styles for the same pieces, the inner comes first. */
  mark(type: Type | undefined, from: number, detail = ""): void {
    if (type) this.#marks.push({ type, detail, from, to: this.pieces.length });
  }

  /** Ends the line, if that is not done yet, and leaves so many blank ones. */
  newline(blank = 0): void {
    this.#due = Math.max(this.#due, blank + 1);
  }

  /** Shows what is written meanwhile so. */
  styled(type: Type, write: () => void): void {
    this.#settle();
    const from = this.pieces.length;
    write();
    this.mark(type, from);
  }

  /** Begins the lines that are written meanwhile with a prefix, the first with a sign. */
  indented(sign: string, rest: string, write: () => void): void {
    this.push(sign, "raw");
    const { prefix } = this;
    this.prefix += rest;
    write();
    this.prefix = prefix;
  }

  /** What was written. */
  flow(): Styled {
    const offsets = [0];
    let total = 0;
    for (const piece of this.pieces) {
      total += piece.length;
      offsets.push(total);
    }
    const at = (piece: number) => offsets[piece] ?? total;
    const around: Span[] = [];
    const spans = this.#marks
      .reverse()
      .map((mark) => ({ ...mark, from: at(mark.from), to: at(mark.to) }))
      .filter(({ from, to }) => from < to)
      .sort((a, b) => a.from - b.from || b.to - a.to)
      .filter((span) => {
        while ((around.at(-1)?.to ?? total + 1) <= span.from) around.pop();
        // A style within one of its kind adds nothing, a link holds no other, and code has none.
        const shown =
          around.length < MAX_NESTED && !around.some(({ type }) => type === "code" || type === span.type);
        if (shown) around.push(span);
        return shown;
      });
    return { text: this.pieces.join(""), spans };
  }

  #settle(): void {
    if (this.#due > 0 && this.pieces.length > 0) {
      this.pieces.push(`${`\n${this.prefix.trimEnd()}`.repeat(this.#due - 1)}\n${this.prefix}`);
    }
    this.#due = 0;
  }
}
