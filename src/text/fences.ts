/** A fenced code block. Positions are UTF-16 offsets into the text that it was found in. */
export interface Fence {
  /** Where the opening line begins, its indentation included. */
  readonly start: number;
  /** The code between the fence's lines, without the newline before the closing line. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** One past the closing line, without its newline; the end of the text where nothing closes the fence. */
  readonly end: number;
  readonly closed: boolean;
  readonly indent: string;
  /** Three or more backticks or tildes. */
  readonly marker: string;
  /** What follows the marker: the language, as a rule. */
  readonly info: string;
}

// Models indent fences under list items by more than the three spaces that CommonMark allows. The upper bounds
// keep what a cut has to repeat small, and drawings made of backticks out.
const OPENING = /([ \t]{0,16})(`{3,16}|~{3,16})([^\n]{0,64})(?=\n|$)/y;
const CLOSING = /[ \t]*(`{3,}|~{3,})[ \t\r]*(?=\n|$)/y;

/** The fenced code blocks of a Markdown text, in order. Time is linear in the text. */
export function findFences(text: string): Fence[] {
  const fences: Fence[] = [];
  if (!text.includes("```") && !text.includes("~~~")) return fences;
  let open: Omit<Fence, "bodyEnd" | "end" | "closed"> | undefined;
  for (let line = 0; line < text.length; ) {
    const newline = text.indexOf("\n", line);
    const next = newline < 0 ? text.length : newline + 1;
    if (!open) {
      OPENING.lastIndex = line;
      const [, indent = "", marker = "", info = ""] = OPENING.exec(text) ?? [];
      // More of the marker on the same line makes it inline code.
      if (marker && !info.includes(marker.charAt(0))) {
        open = { start: line, bodyStart: next, indent, marker, info: info.trim() };
      }
    } else {
      CLOSING.lastIndex = line;
      if (CLOSING.exec(text)?.[1]?.startsWith(open.marker)) {
        const end = newline < 0 ? text.length : newline;
        fences.push({ ...open, bodyEnd: Math.max(open.bodyStart, line - 1), end, closed: true });
        open = undefined;
      }
    }
    line = next;
  }
  if (open) fences.push({ ...open, bodyEnd: text.length, end: text.length, closed: false });
  return fences;
}
