import { fileChunk } from "../../text/code-file.ts";
import type { Span, Styled } from "../../text/flow.ts";
import type { Dialect } from "../../text/markdown/context.ts";
import { renderMarkdown } from "../../text/markdown/render.ts";
import { MESSAGE_CHARS } from "./limits.ts";

/** Levels that Discord shows as headings (https://support.discord.com/hc/en-us/articles/210298617). */
const HEADINGS = 3;
const ZERO_WIDTH_SPACE = "\u200b";
const FENCE = "```";

const DIALECT: Dialect = {
  sign(label) {
    if (/^\d/.test(label)) return `${label} `;
    // Footnotes have a raised number, and are shown as subtext.
    return /^[☐☑]?$/.test(label) ? `- ${label && `${label} `}` : `-# ${label} `;
  },
  indent: 0,
  heading: (level) => (level <= HEADINGS ? `${"#".repeat(level)} ` : null),
  tab: "\t",
};

const LIMIT = { units: MESSAGE_CHARS, fits: (part: Styled) => written(part).length <= MESSAGE_CHARS };

/**
 * A model's Markdown as Discord's messages, in Discord's dialect, each within the limit of a message, or with
 * `files` code that is to be one. `growing`: the answer is still being written. A blank text gives none.
 */
export function renderDiscord(markdown: string, growing = false, files = !growing): string[] {
  return renderMarkdown(markdown, growing, DIALECT, LIMIT, files).map((part) =>
    part.text.length > MESSAGE_CHARS ? fileChunk(part) : written(part),
  );
}

const MARKUP =
  /\\(?=[!-/:-@[-`{-~]|$)|[*`]|[~|](?=[~|])|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|\[(?=[^\]]{0,200}\]\()|(?<=^\s{0,40})(?:[#>+-](?=[#>+-]*\s)|-(?=#))|(?<=^\s{0,40}\d{1,9})\.(?=\s)/gmu;

/** A part of a text in Discord's Markdown. */
function written({ text, spans }: Styled): string {
  let next = 0;
  const upTo = (from: number, end: number, verbatim: boolean): string => {
    let out = "";
    let at = from;
    const plain = (to: number) => {
      const part = text.slice(at, to);
      out += verbatim ? part : part.replaceAll(MARKUP, "\\$&");
      at = to;
    };
    for (let span = spans[next]; span && span.from < end; span = spans[next]) {
      next++;
      plain(span.from);
      const as_is =
        ["raw", "code", "pre"].includes(span.type) || (span.type === "link" && span.detail === "");
      const inner = marked(span, upTo(span.from, span.to, as_is));
      // Two styles of asterisks side by side would be read as one.
      out += out.endsWith("*") && inner.startsWith("*") ? ZERO_WIDTH_SPACE + inner : inner;
      at = span.to;
    }
    plain(end);
    return out;
  };
  return upTo(0, text.length, false);
}

const SIGNS = { bold: "**", italic: "*", strikethrough: "~~" };

function marked({ type, detail }: Span, text: string): string {
  switch (type) {
    case "raw":
      return text;
    case "code":
      // Three backticks would be a block.
      return text.includes("`")
        ? `\`\` ${text.replaceAll("``", `\`${ZERO_WIDTH_SPACE}\``)} \`\``
        : `\`${text}\``;
    case "link": {
      if (detail === "") return `<${text}>`;
      const url = detail.replaceAll(/[()<>\s]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
      // Discord masks no address with another one.
      return /https?:\/\//i.test(text) ? `${text} (<${url}>)` : `[${text}](${url})`;
    }
    case "pre":
      // Discord knows no longer fence: three backticks would end the block.
      return `${FENCE}${detail}\n${text.replaceAll(FENCE, [...FENCE].join(ZERO_WIDTH_SPACE))}\n${FENCE}`;
    case "quote":
      return `> ${text.replaceAll("\n", "\n> ")}`;
    default: {
      // Discord's styles have no space at their ends.
      const inner = text.trim();
      return inner === "" ? text : text.replace(inner, () => SIGNS[type] + inner + SIGNS[type]);
    }
  }
}
