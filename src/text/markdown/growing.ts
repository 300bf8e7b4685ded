import { fenceAt } from "./lines.ts";

const SIGNS = /^(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t]+)+/;
/**
 * A line that says only with its next character, or its end, what it is: signs of Markdown alone, a number that may
 * be a list's, a fence's language, a table's row, a task's box, a label, a tag.
 */
const UNDECIDED =
  /^(?:[-*_+#`~$:\\! \t]*$|\d{1,9}[.)]?$|[`~]{3,}[^`~]*$|\||\[[^\]]*(?:\](?::.*|\S*))?$|<\/?(?:[a-z]+(?:\s[^>]*)?)?$)/i;

/**
 * A text that is still being written, without the part of its last line that may yet become something else. What
 * is shown of it stays, as far as Markdown permits.
 */
export function settled(source: string): string {
  const lines = source.split("\n");
  const last = lines.at(-1) ?? "";
  for (let at = 0; at < lines.length; at++) {
    const end = fenceAt(lines, at)?.end ?? at;
    if (end === lines.length) {
      if (at === lines.length - 1 || /^[ \t]*[`~]+$/.test(last)) lines.pop();
      return lines.join("\n");
    }
    at = end;
  }
  if (last !== "" && !UNDECIDED.test(last.replace(SIGNS, ""))) return lines.join("\n");
  lines.pop();
  let table = lines.length;
  while (table > 0 && /^[ \t>]*\|/.test(lines[table - 1] ?? "")) table--;
  return lines.slice(0, table).join("\n").trimEnd();
}
