import { Writer } from "../flow.ts";
import { displayWidth } from "../width.ts";
import type { Context } from "./context.ts";
import { writeInline } from "./inline.ts";
import { writeLabelled, writePre } from "./layout.ts";

/** What a phone shows of monospaced text without breaking its lines. */
const PHONE_COLUMNS = 34;
const BETWEEN = "  ";

/** The cells of a table's row. A pipe within inline code, or behind a backslash, separates none. */
export function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\||(?<!\\)\|$/g, "")
    .replaceAll(/`[^`]*`/g, (code) => code.replaceAll(/\\?\|/g, "\\|"))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("\\|", "|").trim());
}

/** Of each column whether it is aligned to the right, if this line stands below a table's head with so many columns. */
export function alignmentsOf(line: string, columns: number): boolean[] | null {
  const cells = cellsOf(line);
  const fits = cells.length === columns && cells.every((cell) => /^:?-+:?$/.test(cell));
  return fits ? cells.map((cell) => /^-.*:$/.test(cell)) : null;
}

/**
 * Writes a table: as aligned lines of monospaced text where they fit a phone's width and hold no links; else as a
 * list, with an entry for each row, titled by its first cell, and the others below, each with its column's name.
 */
export function writeTable(
  context: Context,
  align: readonly boolean[],
  rows: readonly (readonly string[])[],
  depth: number,
): void {
  const { writer } = context;
  // Each row has as many cells as there are columns; what is beyond stays in the last.
  const table = rows.map((row) =>
    align.map((_, n) => (n < align.length - 1 ? (row[n] ?? "") : row.slice(n).join(" | "))),
  );
  const text = alignedTable(context, align, table);
  if (text !== null) {
    writePre(context, text, "");
    return;
  }
  const [[title = "", ...names] = [], ...body] = table;
  if (body.length === 0) body.push([title, ...names]);
  for (const [first = "", ...cells] of body) {
    writeLabelled(context, "", depth, () => {
      writer.styled("bold", () => writeInline(context, title === "" ? first : `${title}: ${first}`));
      for (const [n, cell] of cells.entries()) {
        writer.newline();
        writeLabelled(context, "", depth + 1, () =>
          writeInline(context, `${names[n] || "–"}: ${cell || "–"}`),
        );
      }
    });
    writer.newline(cells.length > 1 ? 1 : 0);
  }
}

function alignedTable(
  context: Context,
  align: readonly boolean[],
  table: readonly (readonly string[])[],
): string | null {
  let aligned = true;
  const cells = table.map((row) =>
    row.map((cell) => {
      const writer = new Writer();
      writeInline({ ...context, writer }, cell);
      const { text, spans } = writer.flow();
      if (text.includes("\n") || spans.some(({ type }) => type === "link")) aligned = false;
      return text;
    }),
  );
  const widths = align.map((_, n) =>
    cells.reduce((most, row) => Math.max(most, displayWidth(row[n] ?? "")), 1),
  );
  const columns = widths.reduce((sum, width) => sum + width, BETWEEN.length * (widths.length - 1));
  if (!aligned || columns > PHONE_COLUMNS) return null;
  const [head, ...body] = cells.map((row) =>
    row
      .map((cell, n) => {
        const space = " ".repeat((widths[n] ?? 0) - displayWidth(cell));
        return align[n] ? space + cell : cell + space;
      })
      .join(BETWEEN)
      .trimEnd(),
  );
  return [head, "-".repeat(columns), ...body].join("\n");
}
