import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { displayWidth } from "../../../src/text/width.ts";
import { Growing } from "../../../tools/chat/screen.ts";
import { rowsOf } from "../../../tools/chat/styled.ts";

const bold = (text: string) => `\u001b[1m${text}\u001b[0m`;
const code = (text: string) => `\u001b[36m${text}\u001b[0m`;

describe("Markdown as rows", () => {
  test("has its styles, and no signs", () => {
    expect(rowsOf("# Title\n\nSome **bold** and `code`.\n\n- one\n- two", false, 80, true)).toEqual([
      bold("Title"),
      "",
      `Some ${bold("bold")} and ${code("code")}.`,
      "",
      "• one",
      "• two",
    ]);
  });

  test("breaks between words, and styles go on in the next row", () => {
    expect(rowsOf("**one two three**", false, 8, true)).toEqual([bold("one two "), bold("three")]);
  });

  test("breaks code and long words where the row ends", () => {
    expect(rowsOf("```\nlet a = b\n```", false, 5, true)).toEqual([code("let a"), code(" = b")]);
    expect(rowsOf("abcdefgh", false, 5, true)).toEqual(["abcde", "fgh"]);
  });

  test("counts wide characters as two columns", () => {
    for (const row of rowsOf("漢字漢字漢字 👩‍👩‍👧 text", false, 7, true)) {
      expect(displayWidth(stripVTControlCharacters(row))).toBeLessThanOrEqual(7);
    }
  });

  test("shows a link's address behind it", () => {
    expect(
      rowsOf("See [the docs](https://a.example/x).", false, 80, true).map(stripVTControlCharacters),
    ).toEqual(["See the docs (https://a.example/x)."]);
  });

  test("without colour it stays as it is written", () => {
    expect(rowsOf("**bold** text", false, 9, false)).toEqual(["**bold** ", "text"]);
  });

  test("has nothing that steers the terminal", () => {
    const hostile = "a\u001b[2Jb\u0007c\u009b31md\u202ee\rf";
    for (const colour of [true, false]) {
      expect(rowsOf(hostile, false, 80, colour)).toEqual(["a[2Jbc31mde", "f"]);
    }
  });
});

/** A terminal that does what `Growing` asks of it. */
class Screen {
  readonly columns = 20;
  readonly rows = 6;
  lines: string[] = [""];
  /** Rows that were written, drawn anew or not. */
  written = 0;

  write(text: string): void {
    const [first = "", second] = text.split("\u001b[0J");
    const rest = second ?? first;
    const up = second === undefined ? 0 : Number.parseInt(first.slice("\u001b[".length), 10);
    expect(up).toBeLessThan(this.rows);
    if (up > 0) this.lines = [...this.lines.slice(0, -1 - up), ""];
    this.written += rest.split("\n").length - 1;
    this.lines = [...this.lines.slice(0, -1), ...stripVTControlCharacters(rest).split("\n")];
  }
}

describe("a text that grows", () => {
  const text =
    "One **bold** paragraph of a few words.\n\n- a point\n- another\n\n```\ncode\n```\n\nAnd an end.";

  test("is at its end what it would be at once", () => {
    const screen = new Screen();
    const view = new Growing(screen, true);
    for (let length = 1; length <= text.length; length++) view.show(text.slice(0, length), true);
    view.show(text, false);
    const whole = rowsOf(text, false, 19, true).map(stripVTControlCharacters);
    expect(screen.lines).toEqual([...whole, ""]);
  });

  test("is written anew only where it changes", () => {
    const screen = new Screen();
    const view = new Growing(screen, true);
    for (let n = 1; n <= 50; n++) view.show("line\n\n".repeat(n), true);
    expect(screen.written).toBeLessThan(250);
  });

  test("gives way to another", () => {
    const screen = new Screen();
    const view = new Growing(screen, true);
    view.show("…", false);
    view.show("first try", true);
    view.show("another", false);
    expect(screen.lines).toEqual(["another", ""]);
  });
});
