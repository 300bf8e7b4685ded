import { fileChunk, fileMarkdown } from "../../../text/code-file.ts";
import type { Styled } from "../../../text/flow.ts";
import type { Dialect } from "../../../text/markdown/context.ts";
import { renderMarkdown } from "../../../text/markdown/render.ts";
import { MESSAGE_ENTITIES, MESSAGE_UNITS } from "../limits.ts";
import type { Content } from "./content.ts";

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
 * limits of a message, or with `files` code that is to be one. `growing`: the answer is still being written. A blank
 * text gives none.
 */
export function renderTelegram(markdown: string, growing = false, files = !growing): Content[] {
  return renderMarkdown(markdown, growing, DIALECT, LIMIT, files).map((part) =>
    part.text.length > MESSAGE_UNITS
      ? { text: fileChunk(part), entities: [] }
      : { text: part.text, entities: entitiesOf(part) },
  );
}

/** The Markdown of what a server may refuse: a file, or a rich message; undefined for an ordinary one. */
export const markdownOf = ({ text, rich }: Content): string | undefined => rich ?? fileMarkdown(text);

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
