import { Transform, type TransformCallback } from "node:stream";

/** Stands for a line's end in what is being written: the line editor knows one line only. */
const LINE_END = "⏎";
/** Stands for a tab there, which would complete a command. */
const TAB = "⇥";

/** https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h2-Bracketed-Paste-Mode */
const PASTE_BEGINS = "\u001b[200~";
const PASTE_ENDS = "\u001b[201~";
export const BRACKET_PASTE = "\u001b[?2004h";
export const UNBRACKET_PASTE = "\u001b[?2004l";

const ESCAPE = "\u001b";
/** What Ctrl-C and Ctrl-D send: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/ */
const CONTROLS = { "\u0003": "interrupt", "\u0004": "end" } as const;
export type Control = (typeof CONTROLS)[keyof typeof CONTROLS];
const isControl = (key: string): key is keyof typeof CONTROLS => Object.hasOwn(CONTROLS, key);

/** The text of an edited line. */
export const written = (line: string): string => line.replaceAll(LINE_END, "\n").replaceAll(TAB, "\t");

/** A text as a line to edit. */
export const editable = (text: string): string =>
  text
    .replaceAll(/\r\n?|\n/g, LINE_END)
    .replaceAll("\t", TAB)
    .replaceAll(/\p{Cc}/gu, "");

/**
 * What a person types and pastes, for an editor of one line: a pasted text stays whole, whatever is in it, and Alt-Enter
 * and Ctrl-J begin a line. What is typed while it holds is handed on afterwards, but for Ctrl-C and Ctrl-D, which are
 * told at once.
 */
export class PasteFilter extends Transform {
  readonly #decoder = new TextDecoder();
  #pasting = false;
  /** The end of what came, which may be the beginning of a mark. */
  #rest = "";
  #held: string[] | null = null;
  readonly #onControl: (control: Control) => void;

  constructor(onControl: (control: Control) => void) {
    super();
    this.#onControl = onControl;
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const text of held) this.push(text);
  }

  override _transform(bytes: Uint8Array, _encoding: string, done: TransformCallback): void {
    let text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    this.#rest = "";
    let out = "";
    while (text !== "") {
      const mark = this.#pasting ? PASTE_ENDS : PASTE_BEGINS;
      const at = text.indexOf(mark);
      const piece = at < 0 ? text.slice(0, text.length - this.#open(text, mark)) : text.slice(0, at);
      out += this.#pasting
        ? editable(piece)
        : piece.replaceAll(`${ESCAPE}\r`, LINE_END).replaceAll("\n", LINE_END);
      if (at < 0) {
        this.#rest = text.slice(piece.length);
        break;
      }
      this.#pasting = !this.#pasting;
      text = text.slice(at + mark.length);
    }
    if (this.#held === null) done(null, out);
    else {
      this.#held.push(Object.keys(CONTROLS).reduce((rest, key) => rest.replaceAll(key, ""), out));
      done();
      const pressed = [...out].flatMap((key) => (isControl(key) ? [CONTROLS[key]] : []));
      for (const control of pressed) this.#onControl(control);
    }
  }

  /** How many characters at the end may be the beginning of the mark: the Escape key does nothing by itself. */
  #open(text: string, mark: string): number {
    for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
      if (mark.startsWith(text.slice(-length))) return length;
    }
    return 0;
  }
}
