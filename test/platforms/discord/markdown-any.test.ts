import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderDiscord } from "../../../src/platforms/discord/markdown.ts";
import { fileIn } from "../../../src/text/code-file.ts";
import { anyMarkdown, longMarkdown } from "../../text/support/samples.ts";
import { missing, wordsInMarkdown } from "../../text/support/words.ts";

describe("any Markdown", () => {
  test("becomes messages within the limit, with every fence closed", () => {
    fc.assert(
      fc.property(fc.oneof(anyMarkdown, longMarkdown), fc.boolean(), (markdown, growing) => {
        for (const content of renderDiscord(markdown, growing)) {
          if (fileIn(content)) {
            expect(growing).toBe(false);
            expect(content.trim().length).toBeGreaterThan(4_000);
            continue;
          }
          expect(content.length).toBeLessThanOrEqual(2_000);
          expect(content.trim() !== "").toBe(true);
          expect(content.isWellFormed()).toBe(true);
          expect((content.match(/^(?:> )?```/gm) ?? []).length % 2).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("keeps each of its words", () => {
    fc.assert(
      fc.property(wordsInMarkdown, ({ markdown, words }) => {
        expect(missing(words, renderDiscord(markdown))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
