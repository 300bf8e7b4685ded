import fc from "fast-check";
import { LINE_STARTS } from "./samples.ts";

/** Signs of Markdown that take no word away that stands beside them. */
const signs = fc.constantFrom(
  ...[
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "[",
    "]",
    "](https://a.example/) ",
    "![",
    "\\",
    "(",
    ")",
    "[ ]",
  ],
  ...[
    "<b>",
    "</b>",
    "<br>",
    "<sub>",
    "</sub>",
    "&amp;",
    "> ",
    "|",
    " | ",
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
  ],
  ...LINE_STARTS,
  ...["\n\n~~~\n", "\n</details>\n", "[^1]", "\n[^1]: ", "</summary>"],
  ...["^", "{", "}", "\\frac", " ", " ", "王", "😀", "e\u0301", "."],
);

/** Markdown in which each word stands but once, and those words. */
export const wordsInMarkdown = fc.array(signs, { maxLength: 80, size: "max" }).map((parts) => {
  const words = parts.map((_, n) => `w${n}w`);
  return { words, markdown: parts.map((part, n) => part + words[n]).join("") };
});

/** The words that stand nowhere in these messages: not in a text, an address or a file. */
export function missing(words: readonly string[], messages: unknown): string[] {
  // A formula raises and lowers letters, and puts brackets between them.
  const seen = JSON.stringify(messages)
    .normalize("NFKC")
    .replaceAll(/[^a-z0-9]/g, "");
  return words.filter((word) => !seen.includes(word));
}
