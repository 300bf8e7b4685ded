import type { Draft } from "./draft.ts";
import { Emphasis } from "./emphasis.ts";

// A bare address is one token, so that the underscores in it stay.
const TOKEN = /\\[*_~`]|`+|\*+|_+|~+|!?\[|\]|https?:\/\/(?:[^\s<>()[\]*`~]|~(?!~))*/g;
// Telegram's server silently drops links that are neither tg: nor http(s) with a dot in the host
// (https://github.com/tdlib/td, LinkManager::check_link_impl). They stay as written, or the reader would lose the
// address.
const LINK =
  /\(<?((?:https?:\/\/[^\s()<>/?#.]+\.|tg:\/\/)[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:[ \t]+"[^"\n]*")?\)/iy;

/** Appends one line of Markdown to a draft. Time is linear in the line. */
export function writeInline(draft: Draft, line: string): void {
  const { pieces } = draft;
  const emphasis = new Emphasis(draft);
  const codeEnds = lastRuns(line);
  /** Pieces that hold a bracket which may begin a link. */
  const brackets: number[] = [];
  let at = 0;
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(line); token; token = TOKEN.exec(line)) {
    const [run] = token;
    const end = token.index + run.length;
    if (token.index > at) pieces.push(line.slice(at, token.index));
    at = end;
    switch (run.charAt(0)) {
      case "\\":
        pieces.push(run.slice(1));
        break;
      case "`": {
        const hasEnd = (codeEnds.get(run.length) ?? 0) > token.index;
        at = hasEnd ? writeCode(draft, line, end, run.length) : end;
        if (!hasEnd) pieces.push(run);
        break;
      }
      case "!":
      case "[":
        brackets.push(pieces.push(run) - 1);
        break;
      case "]":
        at = endLink(draft, line, end, brackets, emphasis);
        break;
      case "h":
        pieces.push(run);
        break;
      default: {
        const from = emphasis.write(run, line.charAt(token.index - 1), line.charAt(end));
        while (from !== undefined && (brackets.at(-1) ?? -1) > from) brackets.pop();
      }
    }
    TOKEN.lastIndex = at;
  }
  pieces.push(line.slice(at));
}

/** Writes the inline code that begins at `from`, and returns where the text goes on. */
function writeCode({ pieces, marks }: Draft, line: string, from: number, length: number): number {
  const closing = nextRun(line, from, length);
  const code = line.slice(from, closing);
  marks.push({ style: { type: "code" }, from: pieces.length, to: pieces.length + 1 });
  // One space on each side is there to let code begin with a backtick.
  const padded = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "";
  pieces.push(padded ? code.slice(1, -1) : code);
  return closing + length;
}

/** Writes a closing bracket, with its address if it ends a link, and returns where the text goes on. */
function endLink(draft: Draft, line: string, from: number, brackets: number[], emphasis: Emphasis): number {
  const { pieces, marks } = draft;
  const bracket = brackets.pop();
  LINK.lastIndex = from;
  const url = bracket !== undefined && pieces.length > bracket + 1 ? LINK.exec(line)?.[1] : undefined;
  if (bracket === undefined || url === undefined) {
    pieces.push("]");
    return from;
  }
  emphasis.drop(bracket);
  pieces[bracket] = "";
  marks.push({ style: { type: "text_link", url }, from: bracket, to: pieces.length });
  // A link holds no other link.
  brackets.length = 0;
  return LINK.lastIndex;
}

/** Where the last run of backticks of each length begins. */
function lastRuns(line: string): Map<number, number> {
  const last = new Map<number, number>();
  for (const run of line.matchAll(/`+/g)) last.set(run[0].length, run.index);
  return last;
}

/** Where the next run of exactly this many backticks begins; the caller knows that there is one. */
function nextRun(line: string, from: number, length: number): number {
  const runs = /`+/g;
  runs.lastIndex = from;
  let run = runs.exec(line);
  while (run && run[0].length !== length) run = runs.exec(line);
  return run?.index ?? line.length;
}
