import { codeFlow } from "../../../text/code-file.ts";
import { cutFlow } from "../../../text/cut.ts";
import type { Styled } from "../../../text/flow.ts";
import type { Dialect } from "../../../text/markdown/context.ts";
import { renderMarkdown } from "../../../text/markdown/render.ts";
import { MESSAGE_ENTITIES, MESSAGE_UNITS } from "../limits.ts";
import { type Content, isFile, languageOf } from "./content.ts";

const DIALECT: Dialect = {
  sign: (label, depth) => `${label || ["•", "◦", "▪"][Math.min(depth, 3) - 1]} `,
  // Its spaces are narrower than a bullet.
  indent: 1,
  heading: () => null,
  // Telegram makes one space of a tab (tdlib, clean_input_string).
  tab: "    ",
};

const LIMIT = {
  units: MESSAGE_UNITS,
  fits: (part: Styled) => part.text.length <= MESSAGE_UNITS && entitiesOf(part).length <= MESSAGE_ENTITIES,
};

/**
 * A model's Markdown as Telegram's messages: texts with entities, which no parser can reject, each within the
 * limits of a message, or code that is to be a file. `growing`: the answer is still being written. A blank text
 * gives none.
 */
export function renderTelegram(markdown: string, growing = false): Content[] {
  return renderMarkdown(markdown, growing, DIALECT, LIMIT).map(contentOf);
}

/** What a message says, in ordinary ones: neither as a file nor as a rich message. */
export function ordinary(content: Content): Content[] {
  const { text, entities, rich } = content;
  if (rich !== undefined) return renderTelegram(rich);
  return isFile(content) ? cutFlow(codeFlow(text, languageOf(entities)), LIMIT).map(contentOf) : [content];
}

const contentOf = (part: Styled): Content => ({ text: part.text, entities: entitiesOf(part) });

const NAMES: { readonly [type: string]: string } = { link: "text_link", quote: "blockquote" };

function entitiesOf({ spans }: Styled): Content["entities"] {
  let linked = 0;
  return spans.flatMap(({ type, detail, from, to }) => {
    // Telegram finds bare addresses by itself. It cuts other styles around code, but would drop a link for it.
    if (type === "raw" || (type === "link" && detail === "") || (type === "code" && from < linked)) return [];
    if (type === "link") linked = to;
    const more = type === "link" ? { url: detail } : detail && { language: detail };
    return [{ type: NAMES[type] ?? type, offset: from, length: to - from, ...(more || {}) }];
  });
}
