import type { Span, Styled, Type } from "../../src/text/flow.ts";
import type { Dialect } from "../../src/text/markdown/context.ts";
import { renderMarkdown } from "../../src/text/markdown/render.ts";
import { displayWidth } from "../../src/text/width.ts";

const DIALECT: Dialect = {
  sign: (label, depth) => `${label || ["•", "◦", "▪"][Math.min(depth, 3) - 1]} `,
  indent: 0,
  heading: () => null,
  tab: "    ",
};
const WHOLE = { units: Number.MAX_SAFE_INTEGER, fits: () => true };

/** How a style is shown (ECMA-48, SGR). */
const SGR: { readonly [Name in Type]: string } = {
  bold: "1",
  italic: "3",
  strikethrough: "9",
  code: "36",
  pre: "36",
  link: "4",
  quote: "2",
  raw: "",
};

/** Characters that steer a terminal, and those that turn the direction of what follows: a model may write any. */
const STEERING = /(?![\n\t])[\p{Cc}\p{Bidi_C}]/gu;

/** A text in which nothing steers the terminal. */
export const harmless = (text: string): string => text.replaceAll(/\r\n?/g, "\n").replaceAll(STEERING, "");

/**
 * A model's Markdown as rows of a terminal, none wider than `columns`. Without `colour` the Markdown is shown as it is
 * written.
 */
export function rowsOf(markdown: string, growing: boolean, columns: number, colour: boolean): string[] {
  const text = harmless(markdown);
  if (!colour)
    return wrap(text.replaceAll("\t", "    "), columns, []).map(({ from, to }) =>
      text.replaceAll("\t", "    ").slice(from, to),
    );
  const [styled] = renderMarkdown(text, growing, DIALECT, WHOLE, false);
  if (styled === undefined) return [];
  const shown = withAddresses(styled);
  return wrap(shown.text, columns, shown.spans).map((row) => paint(shown, row));
}

/** Links with their addresses behind them. */
function withAddresses({ text, spans }: Styled): Styled {
  const links = spans
    .filter(({ type, detail }) => type === "link" && detail !== "")
    .toSorted((a, b) => b.to - a.to);
  let whole = text;
  let all: readonly Span[] = spans;
  for (const { detail, to } of links) {
    const address = ` (${detail})`;
    whole = whole.slice(0, to) + address + whole.slice(to);
    const moved = (at: number, isEnd: boolean) =>
      at > to || (at === to && !isEnd) ? at + address.length : at;
    all = all.map((span) => ({ ...span, from: moved(span.from, false), to: moved(span.to, true) }));
  }
  return { text: whole, spans: all };
}

interface Row {
  readonly from: number;
  readonly to: number;
}

/** Where each row begins and ends: lines, and between words where a line is too long; code is cut anywhere. */
function wrap(text: string, columns: number, spans: readonly Span[]): Row[] {
  const code = spans.filter(({ type }) => type === "pre");
  const rows: Row[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    const start = at;
    const isCode = code.some(({ from, to }) => from <= start && start < to);
    rows.push(
      ...wrapLine(line, columns, isCode).map(({ from, to }) => ({ from: start + from, to: start + to })),
    );
    at += line.length + 1;
  }
  return rows;
}

function wrapLine(line: string, columns: number, isCode: boolean): Row[] {
  const rows: Row[] = [];
  let from = 0;
  let width = 0;
  /** Behind the last space of the row. */
  let word = 0;
  for (const { segment, index } of new Intl.Segmenter().segment(line)) {
    const columnsOf = displayWidth(segment);
    if (width + columnsOf > columns && index > from) {
      const cut = !isCode && word > from ? word : index;
      rows.push({ from, to: cut });
      from = cut;
      width = displayWidth(line.slice(from, index));
    }
    width += columnsOf;
    if (segment === " ") word = index + 1;
  }
  return [...rows, { from, to: line.length }];
}

/** A row with its styles, all of which end with it. */
function paint({ text, spans }: Styled, { from, to }: Row): string {
  const within = spans.filter((span) => SGR[span.type] !== "" && span.from < to && span.to > from);
  const marks = [from, to, ...within.flatMap((span) => [span.from, span.to])];
  const edges = [...new Set(marks.filter((at) => at >= from && at <= to))].toSorted((a, b) => a - b);
  return edges
    .slice(1)
    .map((end, n) => {
      const begin = edges[n] ?? from;
      const codes = within
        .filter((span) => span.from <= begin && span.to >= end)
        .map(({ type }) => SGR[type]);
      const piece = text.slice(begin, end);
      return codes.length > 0 ? `\u001b[${codes.join(";")}m${piece}\u001b[0m` : piece;
    })
    .join("");
}
