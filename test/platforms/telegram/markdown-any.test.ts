import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Content } from "../../../src/platforms/telegram/entities/content.ts";
import { renderTelegram } from "../../../src/platforms/telegram/entities/render.ts";
import { fileIn } from "../../../src/text/code-file.ts";
import { anyMarkdown, longMarkdown } from "../../text/support/samples.ts";
import { missing, wordsInMarkdown } from "../../text/support/words.ts";

/** What Telegram refuses, or quietly changes (https://core.telegram.org/bots/api#formatting-options). */
function faultsOf({ text, entities }: Content): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, what: string) => {
    if (!holds) faults.push(what);
  };
  must(text.trim() !== "", "nothing to see");
  must(text.length <= 4_096 || (text.length > 8_192 && fileIn(text) !== null), "too long");
  must(entities.length <= 100, "too many entities");
  must(text.isWellFormed(), "half a character");
  for (const [index, a] of entities.entries()) {
    const end = a.offset + a.length;
    must(a.offset >= 0 && a.length > 0 && end <= text.length, "out of the text");
    must(text.slice(a.offset, end).trim() !== "", "around nothing");
    must(text.slice(a.offset, end).isWellFormed(), "through a character");
    for (const b of entities.slice(index + 1)) {
      const apart = b.offset >= end;
      const within = b.offset >= a.offset && b.offset + b.length <= end;
      must(apart || within, "crossing");
      if (apart) continue;
      const quote = a.type.endsWith("blockquote");
      must(a.type !== "code" && a.type !== "pre", `${b.type} in ${a.type}`);
      must(b.type !== "code" || a.type !== "text_link", "a link that code would take away");
      must(b.type !== "pre" || quote, `${b.type} in ${a.type}`);
      must(!(quote && b.type.endsWith("blockquote")), "a quote in a quote");
      must(!(a.type === "text_link" && b.type === "text_link"), "a link in a link");
    }
  }
  return faults;
}

describe("any Markdown", () => {
  test("becomes messages that Telegram takes as they are", () => {
    fc.assert(
      fc.property(fc.oneof(anyMarkdown, longMarkdown), fc.boolean(), (markdown, growing) => {
        expect(renderTelegram(markdown, growing).flatMap(faultsOf)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps each of its words", () => {
    fc.assert(
      fc.property(wordsInMarkdown, ({ markdown, words }) => {
        expect(missing(words, renderTelegram(markdown))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("comes out as it is if it has no signs of Markdown", () => {
    const plain = fc
      .array(
        fc
          .string({ unit: "grapheme", maxLength: 40 })
          .map((line) => line.replaceAll(/[*_~`[\]\\#<>&$|=+-]|^\s*\d+[.)]|\s/g, "")),
      )
      .map((lines) => lines.join("\n").trim());
    fc.assert(
      fc.property(plain, (text) => {
        expect(
          renderTelegram(text)
            .map((message) => message.text)
            .join(""),
        ).toEqual(text);
      }),
    );
  });
});
