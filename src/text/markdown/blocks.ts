import type { Context } from "./context.ts";
import { writeInline } from "./inline.ts";
import { writeLabelled, writePre } from "./layout.ts";
import { dedent, fenceAt, indentOf, isBlank } from "./lines.ts";
import { script } from "./scripts.ts";
import { alignmentsOf, cellsOf, writeTable } from "./tables.ts";

const HEADING = /^ {0,3}(#{1,6})[ \t]+(?=\S)/;
const RULE_LINE = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
// Not before a digit or `_`: `>90 %` and `>_<` begin sentences.
const QUOTE = /^ {0,3}>(?:[ \t]|$|(?=[>\p{L}*[("'`“#]))/u;
// A year at the beginning of a line begins no list.
const ITEM = /^([ \t]*)([-*+]|\d{1,3}[.)])([ \t]+)(?=\S)/;
const TASK = /^\[([ xX])\][ \t]+/;
/** A line that says where a label leads, and one that begins a footnote. */
export const DEFINITION =
  /^ {0,3}\[([^\]^\n][^\]\n]{0,200})\]:[ \t]*<?((?:[a-z][a-z0-9+.-]*:|[./#])[^\s<>]*)>?(?:[ \t]+["'(].*)?$/gim;
export const NOTE = /^ {0,3}\[\^([^\]\s]{1,64})\]:[ \t]*/gm;

/** Deeper quotes and lists are read as text. */
const MAX_DEPTH = 10;
const RULE = "─".repeat(12);
const BAR = "│ ";

/** Where blocks stand. */
export interface Place {
  /** Quotes and lists around them, and lists alone. */
  readonly depth: number;
  readonly lists: number;
  readonly quoted: boolean;
  /** Whether the last one is still being written. */
  readonly growing: boolean;
}

/** Writes the blocks of a document, or of a quote or item within it. */
export function writeBlocks(context: Context, lines: readonly string[], place: Place): void {
  const { writer, dialect } = context;
  const { depth, lists, quoted } = place;
  let at = 0;
  /** The last number of a list. */
  let number = 0;

  const line = (n = at): string => lines[n] ?? "";
  const found = (pattern: RegExp): string[] => line().match(pattern) ?? [];
  const growing = () => place.growing && at >= lines.length;
  const inline = (text: string) => writeInline(context, text, growing());
  const within = (inner: readonly string[], change: Partial<Place>) =>
    writeBlocks(context, inner, { ...place, depth: depth + 1, growing: growing(), ...change });

  const code = () => {
    const { indent, language, end } = fenceAt(lines, at) ?? { indent: 0, language: "", end: at };
    const text = lines.slice(at + 1, end).map((row) => dedent(row, indent));
    at = end + 1;
    writePre(context, text.join("\n"), language);
  };

  const heading = () => {
    const [sign = "", signs = ""] = found(HEADING);
    const text = line(at++)
      .slice(sign.length)
      .replace(/[ \t]#+[ \t]*$/, "")
      .trim();
    const shown = lists > 0 ? null : dialect.heading(signs.length);
    if (shown === null) writer.styled("bold", () => inline(text));
    else {
      writer.push(shown, "raw");
      inline(text);
    }
  };

  const rule = () => {
    at++;
    writer.push(RULE);
  };

  const quote = () => {
    const inner: string[] = [];
    for (; QUOTE.test(line()); at++) inner.push(line().replace(QUOTE, ""));
    // No platform quotes within a quote.
    if (quoted) writer.indented(BAR, BAR, () => within(inner, {}));
    else writer.styled("quote", () => within(inner, { quoted: true }));
  };

  const item = () => {
    const [sign = "", lead = "", marker = "", space = ""] = found(ITEM);
    let label = "";
    if (marker.length > 1) {
      // A model may write `1.` for each, as Markdown permits.
      number = Math.max(Number.parseInt(marker, 10), number + 1);
      label = number + marker.slice(-1);
    }
    const indent = indentOf(lead);
    const columns = indent + marker.length + (space.length > 4 ? 1 : space.length);
    const [first = "", ...rest] = indented(sign, Math.min(columns, indent + 2), columns);
    const [box = "", checked] = TASK.exec(first) ?? [];
    if (checked) label = checked === " " ? "☐" : "☑";
    labelled(label, [first.slice(box.length), ...rest]);
  };

  const note = () => {
    const [sign = ""] = found(NOTE);
    const [, label = ""] = new RegExp(NOTE, "").exec(sign) ?? [];
    labelled(script("^", label), indented(sign, 2, 4));
  };

  const labelled = (label: string, inner: readonly string[]) =>
    writeLabelled(context, label, lists + 1, () => within(inner, { lists: lists + 1 }));

  /** The lines of the item that begins here: what is indented, and code that begins in it. */
  const indented = (sign: string, least: number, columns: number): string[] => {
    const from = at++;
    for (let n = at; n < lines.length; n++) {
      if (isBlank(line(n))) continue;
      if (indentOf(line(n)) < least) break;
      const end = fenceAt(lines, n)?.end ?? n;
      if (end < lines.length) n = end;
      at = n + 1;
    }
    return lines.slice(from, at).map((row, n) => (n ? dedent(row, columns) : row.slice(sign.length)));
  };

  const table = () => {
    const rows = [cellsOf(line())];
    const align = alignmentsOf(line(at + 1), rows[0]?.length ?? 0) ?? [];
    for (at += 2; line().includes("|"); at++) rows.push(cellsOf(line()));
    writeTable(context, align, rows, lists + 1);
  };

  const text = () => {
    const from = at++;
    number = 0;
    while (!isBlank(line()) && !block()) at++;
    // Indentation may be meant where no list or quote has its own.
    inline(
      lines
        .slice(from, at)
        .map((row) => (depth > 0 ? row.trim() : row.trimEnd()))
        .join("\n"),
    );
  };

  const begins = (pattern: RegExp) => () => line().search(pattern) === 0;
  const nested = (pattern: RegExp) => () => depth < MAX_DEPTH && line().search(pattern) === 0;
  const blocks: readonly (readonly [() => unknown, () => void])[] = [
    [() => fenceAt(lines, at), code],
    [begins(HEADING), heading],
    [begins(RULE_LINE), rule],
    [nested(QUOTE), quote],
    [nested(ITEM), item],
    [nested(NOTE), note],
    [begins(DEFINITION), () => at++],
    [() => line().includes("|") && alignmentsOf(line(at + 1), cellsOf(line()).length), table],
  ];
  /** What writes the block that begins here; undefined for a text. */
  const block = () => blocks.find(([here]) => here())?.[1];

  for (let begun = false; ; begun = true) {
    const from = at;
    while (at < lines.length && isBlank(line())) at++;
    if (at >= lines.length) return;
    if (begun) writer.newline(at - from);
    (block() ?? text)();
  }
}
