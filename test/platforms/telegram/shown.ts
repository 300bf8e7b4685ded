import type { Content } from "../../../src/platforms/telegram/entities/content.ts";
import { renderTelegram } from "../../../src/platforms/telegram/entities/render.ts";
import { withMarks } from "../../support/marks.ts";

/** What a reader would see of Markdown: each entity as `<type>…</type>`, messages apart by a line of `=`. */
export function shown(markdown: string, growing = false): string {
  return renderTelegram(markdown, growing).map(tagged).join("\n=====\n");
}

const tagged = ({ text, entities }: Content): string =>
  withMarks(text, entities, ({ type, language, url }) => {
    const more = language ?? url;
    return [`<${type}${more === undefined ? "" : ` ${more}`}>`, `</${type}>`];
  });
