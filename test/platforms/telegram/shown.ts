import type { Content } from "../../../src/platforms/telegram/entities/content.ts";
import { renderTelegram } from "../../../src/platforms/telegram/entities/render.ts";

/** What a reader would see of Markdown: each entity as `<type>…</type>`, messages apart by a line of `=`. */
export function shown(markdown: string, growing = false): string {
  return renderTelegram(markdown, growing).map(tagged).join("\n=====\n");
}

function tagged({ text, entities }: Content): string {
  const tags: [at: number, order: number, tag: string][] = [];
  for (const [index, { type, offset, length, language, url }] of entities.entries()) {
    const more = language ?? url;
    tags.push(
      [offset, 1_000 + index, `<${type}${more === undefined ? "" : ` ${more}`}>`],
      [offset + length, 1_000 - index, `</${type}>`],
    );
  }
  tags.sort(([a, i], [b, j]) => b - a || j - i);
  return tags.reduce((out, [at, , tag]) => out.slice(0, at) + tag + out.slice(at), text);
}
