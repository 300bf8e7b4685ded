/** How many columns of whitespace a line begins with; a tab counts as four. */
export const indentOf = (line: string): number => line.replaceAll("\t", "    ").search(/[^ ]|$/);

/** The line without its first columns, as far as they are whitespace. */
export function dedent(line: string, columns: number): string {
  let at = 0;
  for (let left = columns; left > 0 && /[ \t]/.test(line.charAt(at)); at++) left -= line[at] === "\t" ? 4 : 1;
  return line.slice(at);
}

export const isBlank = (line = ""): boolean => line.trim() === "";

// Models indent fences under list items by more than the three spaces that CommonMark allows. The upper bounds
// keep drawings made of backticks out; more of the marker on the same line makes it inline code.
const FENCE = /^([ \t]{0,40})(`{3,16}(?!.*`)|~{3,16})[ \t]*([^\s]*)/;

/** A fenced code block that opens at this line. */
export interface Fence {
  readonly indent: number;
  readonly language: string;
  /** The closing line's number; one past the last line where nothing closes it. */
  readonly end: number;
}

/** The code block that opens at this line; null if none does. */
export function fenceAt(lines: readonly string[], at: number): Fence | null {
  const [, indent, marker, info = ""] = FENCE.exec(lines[at] ?? "") ?? [];
  if (indent === undefined || marker === undefined) return null;
  let end = at + 1;
  for (; end < lines.length; end++) {
    const [, closing] = /^[ \t]*(`{3,}|~{3,})[ \t]*$/.exec(lines[end] ?? "") ?? [];
    if (closing?.startsWith(marker)) break;
  }
  return { indent: indentOf(indent), language: /^[\w+#.-]*/.exec(info)?.[0] ?? "", end };
}
