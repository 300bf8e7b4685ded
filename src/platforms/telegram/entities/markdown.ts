import type { MessageEntity } from "@grammyjs/types";
import { findFences } from "../../../text/fences.ts";
import type { Draft } from "./draft.ts";
import { writeInline } from "./inline.ts";

/** A text and how its parts are shown. Offsets and lengths are in UTF-16 units, as the Bot API counts. */
export interface Formatted {
  readonly text: string;
  readonly entities: MessageEntity[];
}

/** Telegram ignores the entities of a message after this many (https://github.com/rubenlagus/TelegramBots/issues/854). */
const MAX_ENTITIES = 100;

const MARKED = /[*_~`[\\]|^ {0,3}[#>]/m;
const INLINE = /[*_~`[\\]/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(?=\S)/;
const QUOTED = /^ {0,3}>(?: |$)/;

/**
 * Turns a model's Markdown into a text with Telegram's entities, which no parser can reject: bold, italic,
 * strikethrough, code, code blocks, links, quotes; headings become bold. Lists, tables and everything else
 * stay as written, and a text without Markdown comes out as it is.
 *
 * The text never grows. If no text would remain, or more links than a message may have, it is the Markdown
 * itself, without entities. Time is linear in the text.
 */
export function toEntities(markdown: string): Formatted {
  if (!MARKED.test(markdown)) return { text: markdown, entities: [] };
  const draft: Draft = { pieces: [], marks: [] };
  let position = 0;
  for (const fence of findFences(markdown)) {
    writeLines(draft, markdown.slice(position, fence.start));
    const code = unindented(markdown.slice(fence.bodyStart, fence.bodyEnd), fence.indent);
    if (code.trim() === "") {
      draft.pieces.push(markdown.slice(fence.start, fence.end));
    } else {
      const language = /^[\w+#.-]+/.exec(fence.info)?.[0];
      const from = draft.pieces.push(code) - 1;
      draft.marks.push({ style: { type: "pre", ...(language ? { language } : {}) }, from, to: from + 1 });
    }
    position = fence.end;
  }
  writeLines(draft, markdown.slice(position));

  const text = draft.pieces.join("");
  const entities = withinLimit(entitiesOf(draft));
  return text.trim() === "" || !entities ? { text: markdown, entities: [] } : { text, entities };
}

function unindented(code: string, indent: string): string {
  if (indent === "") return code;
  return code
    .split("\n")
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join("\n");
}

/** Appends lines of Markdown outside code blocks. */
function writeLines(draft: Draft, markdown: string): void {
  const { pieces, marks } = draft;
  let quote: number | null = null;
  const endQuote = () => {
    if (quote !== null) marks.push({ style: { type: "blockquote" }, from: quote, to: pieces.length });
    quote = null;
  };
  for (const [index, line] of markdown.split("\n").entries()) {
    const quoted = QUOTED.exec(line)?.[0];
    if (quoted === undefined) endQuote();
    if (index > 0) pieces.push("\n");
    if (quoted !== undefined) {
      quote ??= pieces.length;
      writeLine(draft, line.slice(quoted.length));
      continue;
    }
    const from = pieces.length;
    const heading = HEADING.exec(line)?.[0] ?? "";
    writeLine(draft, line.slice(heading.length));
    if (heading) marks.push({ style: { type: "bold" }, from, to: pieces.length });
  }
  endQuote();
}

function writeLine(draft: Draft, line: string): void {
  if (INLINE.test(line)) writeInline(draft, line);
  else draft.pieces.push(line);
}

/** The marks with offsets instead of piece numbers, outermost first; empty ones are left out. */
function entitiesOf({ pieces, marks }: Draft): MessageEntity[] {
  const offsets = [0];
  let total = 0;
  for (const piece of pieces) {
    total += piece.length;
    offsets.push(total);
  }
  // A style is marked when it ends, so that of two for the same text the outer one comes last.
  const entities = marks.reverse().map(({ style, from, to }) => {
    const offset = offsets[from] ?? total;
    return { ...style, offset, length: (offsets[to] ?? total) - offset };
  });
  return entities
    .filter(({ length }) => length > 0)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
}

/** As many entities as a message may have, links before all else; null if not even the links fit. */
function withinLimit(entities: MessageEntity[]): MessageEntity[] | null {
  if (entities.length <= MAX_ENTITIES) return entities;
  const links = entities.filter(({ type }) => type === "text_link");
  if (links.length > MAX_ENTITIES) return null;
  const others = entities.filter(({ type }) => type !== "text_link");
  return [...links, ...others.slice(0, MAX_ENTITIES - links.length)];
}
