import type { Type } from "../flow.ts";
import type { Reading } from "./reading.ts";

const STYLES = [
  ["italic", /^(?:\*|_|i|em)$/],
  ["bold", /^(?:\*\*|__|b|strong|summary)$/],
  ["strikethrough", /^(?:~~|s|del)$/],
  ["code", /^(?:code|kbd)$/],
] as const satisfies readonly (readonly [Type, RegExp])[];

/** The style that this delimiter, or tag, begins and ends. */
export const styleOf = (name: string): Type | undefined => STYLES.find(([, names]) => names.test(name))?.[0];

/** In chats about code, `__init__` and `__FILE__` are names far more often than bold. */
const NAME = /^(?:[a-z0-9_]+|[A-Z0-9_]+)$/;
/** What stands before a delimiter that begins something, rather than in `f(*args)`. */
const ALONE = /(?:^|[\s"'\u0080-\uffff]|(?:^|\W)[([])$/;

/** Writes the run of one delimiter character at `from`, which may begin or end styles. */
export function writeRun(reading: Reading, run: string, from: number): void {
  const { writer, openers, source } = reading;
  const end = from + run.length;
  const { opens, closes } = flanks(run, source.charAt(from - 1), source.charAt(end));
  const sure = ALONE.test(source.slice(Math.max(0, from - 2), from));
  const boldInside = closes && openers.list.at(-1)?.name !== "**";
  let names = styleOf(run) ? [run] : [];
  if (run === "***") names = boldInside ? ["*", "**"] : ["**", "*"];
  if (names.length === 0) writer.push(run);
  for (const name of names) writeDelimiter(reading, name, name, opens, closes, end, sure);
}

/**
 * Writes a delimiter, or a tag, which ends the style that one of its name began, or begins one; `at` is where it
 * ends in the source.
 */
export function writeDelimiter(
  { writer, openers, source }: Reading,
  name: string,
  written: string,
  opens: boolean,
  closes: boolean,
  at: number,
  sure: boolean,
): void {
  const opener = closes ? openers.take(name) : undefined;
  if (opener && !(name === "__" && NAME.test(source.slice(opener.at, at - 2)))) {
    writer.pieces[opener.piece] = "";
    writer.mark(styleOf(name), opener.piece);
  } else {
    const piece = writer.push(written);
    if (opens && !opener) openers.open(name, piece, at, sure);
  }
}

/** Shows what is still open as if it were closed here; a single sign only in the line that is being written. */
export function closeAll({ writer, openers, source }: Reading): void {
  const line = source.lastIndexOf("\n") + 1;
  for (const { name, piece, at, sure } of openers.list.reverse()) {
    const ahead = source.slice(at, at + 99);
    const isName = name === "_" ? /^[^\W_]+_\w/.test(ahead) : name === "__" && NAME.test(ahead);
    if (!sure || (name.length === 1 && at < line && name !== "[") || isName) continue;
    writer.pieces[piece] = "";
    writer.mark(styleOf(name), piece);
  }
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
