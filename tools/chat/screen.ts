import { rowsOf } from "./styled.ts";

/** What is needed of a terminal's output. */
export interface Display {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/**
 * A text that grows on the screen: what changes of it is drawn anew, as far up as the screen reaches. The cursor stands
 * at the beginning of the line below.
 */
export class Growing {
  readonly #display: Display;
  readonly #colour: boolean;
  #rows: readonly string[] = [];

  constructor(display: Display, colour: boolean) {
    this.#display = display;
    this.#colour = colour;
  }

  /** Shows the text so far; `growing` where more of it may come. */
  show(text: string, growing: boolean): void {
    const { columns = 80, rows: height = 24 } = this.#display;
    const old = this.#rows;
    // A terminal breaks a line that fills its last column in its own way.
    const rows = rowsOf(text, growing, Math.max(20, columns - 1), this.#colour);
    let same = 0;
    while (same < old.length && same < rows.length && old[same] === rows[same]) same++;
    const from = Math.max(same, old.length - (height - 1));
    const up = old.length - from;
    const erase = up > 0 ? `\u001b[${up}A\u001b[0J` : "";
    const rest = rows.slice(from).map((row) => `${row}\n`);
    if (erase !== "" || rest.length > 0) this.#display.write(erase + rest.join(""));
    this.#rows = rows;
  }
}
