import { describe, expect, test } from "vitest";
import { renderDiscord } from "../../src/platforms/discord/markdown.ts";
import { renderTelegram } from "../../src/platforms/telegram/entities/render.ts";
import { cutText } from "../../src/text/cut.ts";

/** What repeats in hostile texts: openings without ends, ends without openings, and what nests. */
const HOSTILE = [
  ...[
    "*a ",
    "**a",
    "*a* ",
    "_a ",
    "__a ",
    "***a",
    "~~a",
    "`",
    "`` ` ",
    "` `` ",
    "[",
    "[*",
    "]",
    "[a](",
    "](",
    "](http://a.b",
  ],
  ...[
    "![",
    "[![",
    "![![![a](b)](c)",
    "[a][",
    "[^1]",
    "[^1]: x\n",
    "[a]: http://b\n",
    "<b>",
    "<b>a</b>",
    "<sub>",
    "<sub>x</sub>",
  ],
  ...[
    "<a href='x'>",
    "</a>",
    "<!--",
    "<https://",
    "<a@b",
    "&",
    "&amp;",
    "$",
    "$$",
    "$$ a\n",
    "$a",
    "\\(",
    "\\[",
    "\\[ a\n",
    "\\(",
  ],
  ...[
    "- ",
    "- a\n",
    "  - a\n",
    "1. ",
    "> ",
    ">",
    "> a\n",
    "# a #",
    "---\n",
    "|",
    "|a|b\n",
    "|a|\n|-|\n",
    "a\n---\n",
    "\n",
    " ",
  ],
  ...[
    "```\n",
    "```js\n",
    "~~~\n\n",
    "``` x",
    "- ```\n",
    "> ```\n",
    "<details>\n",
    "</details>\n",
    "<summary>",
    "https://a.b.(",
  ],
  ...[
    "a. ",
    "x",
    "。",
    "王",
    "👩\u200d",
    "e\u0301",
    "\ud800",
    "\\",
    "\\\n",
    "$^",
    "$\\frac",
    "\\(\\frac{",
    "$${",
  ],
];
const UNITS = 2_000;
const TIMES = 16;
/** So many times as long may `TIMES` the text take: eight times what is linear, half of what is square. */
const MOST = 128;
/** What takes less than this, in milliseconds, says nothing. */
const LEAST_MS = 1;
const TRIES = 5;

/** How many times as long the longer text takes. What is slow by itself, and not by a collection of garbage, always is. */
function growth(work: (text: string) => unknown, part: string): number {
  const text = (units: number) => part.repeat(units / part.length);
  let short = Number.POSITIVE_INFINITY;
  let long = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES; tries++) {
    short = Math.min(short, time(work, text(UNITS)));
    long = Math.min(long, time(work, text(TIMES * UNITS)));
    if (long / short < MOST) break;
  }
  return long / short;
}

/** The time that this thread worked, in milliseconds: the machine may be busy with other things. */
function time(work: (text: string) => unknown, text: string): number {
  const start = process.threadCpuUsage();
  work(text);
  return Math.max(LEAST_MS, process.threadCpuUsage(start).user / 1_000);
}

describe.each<[string, (text: string) => unknown]>([
  ["rendered for Telegram", (text) => renderTelegram(text)],
  ["rendered for Telegram while it grows", (text) => renderTelegram(text, true)],
  ["rendered for Discord", (text) => renderDiscord(text)],
  ["cut as Markdown", (text) => cutText(text, 2_000)],
])("a hostile text is %s", (_, work) => {
  test("in time that grows with its length, and not with the square of it", { timeout: 60_000 }, () => {
    for (const part of HOSTILE) {
      expect(growth(work, part), JSON.stringify(part)).toBeLessThan(MOST);
    }
  });
});
