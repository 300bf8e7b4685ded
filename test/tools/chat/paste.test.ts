import { expect, test } from "vitest";
import { type Control, PasteFilter, written } from "../../../tools/chat/paste.ts";

const BEGINS = "\u001b[200~";
const ENDS = "\u001b[201~";

/** What an editor gets of these pieces of input. */
function typed(...pieces: (string | ((filter: PasteFilter) => void))[]) {
  const controls: Control[] = [];
  const filter = new PasteFilter((control) => controls.push(control));
  for (const piece of pieces) {
    if (typeof piece === "string") filter.write(piece);
    else piece(filter);
  }
  return { line: String(filter.read() ?? ""), controls };
}

test("a pasted text is one line to edit, and comes out as it was", () => {
  const { line } = typed(`${BEGINS}a\r\n\tb\rc\n${ENDS}d`);
  expect(line).not.toMatch(/[\r\n\t]/);
  expect(written(line)).toBe("a\n\tb\nc\nd");
});

test("wherever its input is cut", () => {
  const input = `x${BEGINS}a\rb${ENDS}\u001b\ry`;
  for (let cut = 1; cut < input.length; cut++) {
    expect(written(typed(input.slice(0, cut), input.slice(cut)).line), String(cut)).toBe("xa\nb\ny");
  }
});

test("wide characters may be cut in the middle of their bytes", () => {
  const bytes = Buffer.from("漢字");
  const filter = new PasteFilter(() => {});
  filter.write(bytes.subarray(0, 2));
  filter.write(bytes.subarray(2));
  expect(String(filter.read())).toBe("漢字");
});

test("a pasted key is text, not a key", () => {
  const { line, controls } = typed(`${BEGINS}a\u0003\u0004\u001b[Ab${ENDS}`);
  expect(line).toBe("a[Ab");
  expect(controls).toEqual([]);
});

test("Enter sends, Alt-Enter and Ctrl-J begin a line", () => {
  expect(written(typed("a\u001b\rb\nc").line)).toBe("a\nb\nc");
  expect(typed("a\r").line).toBe("a\r");
});

test("what is typed while it holds comes later, but for Ctrl-C and Ctrl-D", () => {
  const held = typed((filter) => filter.hold(), "next\u0003\r", "\u0004");
  expect(held).toEqual({ line: "", controls: ["interrupt", "end"] });
  const released = typed(
    (filter) => filter.hold(),
    "next\u0003\r",
    (filter) => filter.release(),
    "x",
  );
  expect(released.line).toBe("next\rx");
});
