import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderTelegram } from "../../../src/platforms/telegram/entities/render.ts";
import { ANSWERS, anyMarkdown } from "../../text/support/samples.ts";
import { shown } from "./shown.ts";

/** What a reader sees of an answer that has come so far. */
describe("of an answer that is still being written", () => {
  test.each([
    ["a **bo", "a <bold>bo</bold>"],
    ["a **bold*", "a <bold>bold</bold>"],
    ["a **", "a"],
    ["**over\nli", "<bold>over\nli</bold>"],
    ["*it", "<italic>it</italic>"],
    ["**bold *bo", "<bold>bold <italic>bo</italic></bold>"],
    ["`co", "<code>co</code>"],
    ["see [the do", "see the do"],
    ["see [the docs]", "see the docs"],
    ["see [the docs](https://a.exam", "see the docs"],
    ['see [the docs](https://a.example "Ti', "see the docs"],
    ["see [the docs][1] and more", "see the docs and more"],
    ["<https://a.exa", "https://a.exa"],
    ["so \\(x^", "so"],
    ["so $\\frac{a}", "so"],
    ["a\n\n$$\n\\int", "a"],
    ["H<sub>2", "H2"],
    ["a<b", "a"],
    ["one &am", "one"],
    ["half \ud83d", "half"],
  ])("%j shows what is open as if it were closed: %j", (markdown, seen) => {
    expect(shown(markdown, true)).toBe(seen);
  });

  test.each([
    ["2 * 3", "2 * 3"],
    ["f(*args", "f(*args"],
    ["__init__", "__init"],
    ["_snake_case", "_snake_case"],
    ["costs $5", "costs $5"],
    ["*old\n\nnew", "*old\n\nnew"],
  ])("%j shows no style where none may come: %j", (markdown, seen) => {
    expect(shown(markdown, true)).toBe(seen);
  });

  test.each([
    ["a\n#", "a"],
    ["a\n\n##", "a"],
    ["a\n-", "a"],
    ["- a\n- ", "• a"],
    ["- a\n- [", "• a"],
    ["- a\n- [x", "• a"],
    ["a\n\n--", "a"],
    ["a\n\n1.", "a"],
    ["> ", ""],
    ["a\n\n``", "a"],
    ["a\n\n```py", "a"],
    ["```py\nx = 1", "<pre py>x = 1</pre>"],
    ["```py\nx = 1\n``", "<pre py>x = 1</pre>"],
    ["> ```py\n> x\n> ``", "<blockquote><pre py>x</pre></blockquote>"],
    ["a\n\n| b | c |\n|---|--", "a"],
    // A table's columns are known when it is whole.
    ["a\n\n| b | c |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n| 5", "a"],
    ["a\n\n| b | c |\n|---|---|\n| 1 | 2 |\n\nd", "a\n\n<pre>b  c\n----\n1  2</pre>\n\nd"],
    ["a\n\n<details>\n<summ", "a"],
    ["text[^1]\n\n[^1", "text¹"],
    ["[a]: https", ""],
  ])("%j shows no sign that may yet become markup: %j", (markdown, seen) => {
    expect(shown(markdown, true)).toBe(seen);
  });

  test.each(ANSWERS.map((answer) => [answer.slice(0, 30), answer]))("%j only grows", (_, answer) => {
    let before = "";
    for (let length = 1; length <= answer.length; length++) {
      const now = textOf(answer.slice(0, length), true);
      // Digits are raised and lowered when their tag ends, and formulas come whole.
      expect(plainDigits(now).startsWith(plainDigits(before))).toBe(true);
      before = /\$n?[^$]{0,4}$/.test(now) ? now.slice(0, now.lastIndexOf("$")).trimEnd() : now.trimEnd();
    }
    expect(textOf(answer, false).startsWith(before)).toBe(true);
  });

  test("nothing fails, wherever it is cut", () => {
    fc.assert(
      fc.property(anyMarkdown, (markdown) => {
        for (let length = 0; length <= markdown.length; length++) {
          for (const { text } of renderTelegram(markdown.slice(0, length), true)) {
            expect(text.isWellFormed()).toBe(true);
            expect(text.trim()).not.toBe("");
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

function textOf(markdown: string, growing: boolean): string {
  return renderTelegram(markdown, growing)
    .map(({ text }) => text)
    .join("\n");
}

function plainDigits(text: string): string {
  return text.normalize("NFKC");
}
