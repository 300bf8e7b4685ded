import type { Draft, Style } from "./draft.ts";

/** Double underscores are no delimiter: in chats about code they are `__init__` far more often than bold. */
const STYLES = {
  "*": { type: "italic" },
  _: { type: "italic" },
  "**": { type: "bold" },
  "~~": { type: "strikethrough" },
} as const satisfies { readonly [delimiter: string]: Style };
type Delimiter = keyof typeof STYLES;

/** Pairs the delimiters of one line. Each is opened and given up at most once, so time is linear. */
export class Emphasis {
  private readonly openers: { readonly delimiter: Delimiter; readonly piece: number }[] = [];
  private readonly waiting: Record<Delimiter, number> = { "*": 0, _: 0, "**": 0, "~~": 0 };
  private readonly draft: Draft;

  constructor(draft: Draft) {
    this.draft = draft;
  }

  /**
   * Writes a run of one delimiter character, given the characters beside it ("" at a line's ends).
   * Returns the piece from which on a style now reaches to here, so that nothing else may begin in it and
   * end after it; undefined if the run closed none.
   */
  write(run: string, before: string, after: string): number | undefined {
    const { opens, closes } = flanks(run, before, after);
    const delimiters = this.read(run, closes);
    if (!delimiters) this.draft.pieces.push(run);
    let from: number | undefined;
    for (const delimiter of delimiters ?? []) {
      if (closes && this.waiting[delimiter] > 0) {
        from = this.close(delimiter);
      } else {
        const piece = this.draft.pieces.push(delimiter) - 1;
        if (!opens) continue;
        this.openers.push({ delimiter, piece });
        this.waiting[delimiter]++;
      }
    }
    return from;
  }

  /** Gives up the openers from this piece on: they stay as written. */
  drop(piece: number): void {
    while ((this.openers.at(-1)?.piece ?? -1) >= piece) this.pop();
  }

  private close(delimiter: Delimiter): number | undefined {
    const { pieces, marks } = this.draft;
    for (let opener = this.pop(); opener; opener = this.pop()) {
      if (opener.delimiter !== delimiter) continue;
      pieces[opener.piece] = "";
      marks.push({ style: STYLES[delimiter], from: opener.piece, to: pieces.length });
      return opener.piece;
    }
    return undefined;
  }

  private pop() {
    const opener = this.openers.pop();
    if (opener) this.waiting[opener.delimiter]--;
    return opener;
  }

  /** What a run consists of, in the order to write it; undefined where it is plain text. */
  private read(run: string, closes: boolean): readonly Delimiter[] | undefined {
    if (run === "***") {
      const boldInside = closes && this.openers.at(-1)?.delimiter !== "**";
      return boldInside ? ["*", "**"] : ["**", "*"];
    }
    return isDelimiter(run) ? [run] : undefined;
  }
}

function isDelimiter(run: string): run is Delimiter {
  return Object.hasOwn(STYLES, run);
}

/**
 * Whether a run may open or close a style. Stricter than CommonMark beside ASCII letters and digits, so that
 * `2*3*4`, `2**3` and `*.js` stay as they are; looser in scripts that put no spaces between words.
 */
function flanks(run: string, before: string, after: string): { opens: boolean; closes: boolean } {
  const underscore = run.startsWith("_");
  const word = underscore ? /[\p{L}\p{N}]/u : /[A-Za-z0-9]/;
  const beside = underscore ? /\S/ : /[!-~]/;
  // `**API**s` is common, `2**n + 3**s` hardly.
  const wordAfter = run.length > 1 ? /\d/ : word;
  return {
    opens: /\S/.test(after) && !(word.test(before) && beside.test(after)),
    closes: /\S/.test(before) && !(wordAfter.test(after) && beside.test(before)),
  };
}
