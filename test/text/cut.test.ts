import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText } from "../../src/text/cut.ts";

const LIMIT = 600;
const words = (count: number, word = "word") => Array.from({ length: count }, () => word).join(" ");
const withoutSpace = (text: string) => text.replaceAll(/\s+/g, "");

describe("a text that fits", () => {
  test("stays as it is, to the letter", () => {
    const text = "  two\n\n\nlines with **marks** and ` ticks";
    expect(cutText(text, LIMIT)).toEqual([text]);
    const exact = "x".repeat(LIMIT);
    expect(cutText(exact, LIMIT)).toEqual([exact]);
  });

  test("gives no chunk if it is blank", () => {
    expect(cutText("", LIMIT)).toEqual([]);
    expect(cutText(" \n\t\n ", LIMIT)).toEqual([]);
    expect(cutText(" \n".repeat(2_000), LIMIT)).toEqual([]);
  });
});

describe("prose is cut", () => {
  test("between paragraphs before anything else", () => {
    const [first, second] = [words(80), `${words(40)}\n${words(40)}`];
    expect(cutText(`${first}\n\n${second}`, LIMIT)).toEqual([first, second]);
  });

  test("at a newline rather than after a sentence", () => {
    const [first, second] = [words(80), `${words(30)}. ${words(60)}`];
    expect(cutText(`${first}\n${second}`, LIMIT)).toEqual([first, second]);
  });

  test("after a sentence rather than at a later space", () => {
    const [first, second] = [`${words(80)}.`, words(60)];
    expect(cutText(`${first} ${second}`, LIMIT)).toEqual([first, second]);
    const [ja, nai] = [`${"言葉".repeat(200)}。`, "言葉".repeat(200)];
    expect(cutText(ja + nai, LIMIT)).toEqual([ja, nai]);
  });

  test("between words if there are no sentences", () => {
    const chunks = cutText(words(500), LIMIT);
    expect(chunks.length).toBe(5);
    expect(chunks.join(" ")).toBe(words(500));
  });

  test("in a word only if there is nothing else, and then filling each chunk", () => {
    expect(cutText("x".repeat(1_500), LIMIT).map((chunk) => chunk.length)).toEqual([600, 600, 300]);
  });

  test("at the best break also where that is the first not to fit", () => {
    const line = `${"a".repeat(400)}. ${"b".repeat(LIMIT - 402)}`;
    expect(cutText(`${line}\nrest`, LIMIT)).toEqual([line, "rest"]);
    const paragraph = `${"a".repeat(400)}\n\n${"b".repeat(LIMIT - 402)}`;
    expect(cutText(`${paragraph}\n\nrest`, LIMIT)).toEqual([paragraph, "rest"]);
  });

  test("without losing the next line's indentation", () => {
    const item = `- ${words(70)}\n    - ${words(70)}`;
    expect(cutText(item, LIMIT)).toEqual([`- ${words(70)}`, `    - ${words(70)}`]);
  });

  test("between characters as people see them", () => {
    const family = "👩‍👩‍👧‍👦";
    for (const chunk of cutText(`a${family.repeat(300)}`, LIMIT)) {
      expect(chunk.isWellFormed()).toBe(true);
      expect(chunk.replaceAll(family, "").replace("a", "")).toBe("");
    }
    const combined = `${"e".repeat(LIMIT - 1)}e\u0301\u0323${"e".repeat(50)}`;
    expect(cutText(combined, LIMIT)[1]?.startsWith("e\u0301\u0323")).toBe(true);
  });

  test("never within a surrogate pair, whatever joins the characters", () => {
    const endless = "👩\u200d".repeat(2_000);
    for (const limit of [LIMIT, LIMIT + 1, LIMIT + 2]) {
      for (const chunk of cutText(endless, limit)) expect(chunk.isWellFormed()).toBe(true);
    }
  });
});

describe("any text", () => {
  const line = fc.oneof(
    fc.lorem({ maxCount: 12 }),
    fc.lorem({ mode: "sentences", maxCount: 8 }),
    fc.constantFrom("", "- item", "    indented", "> quote"),
    fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 700 })
      .map((text) => text.replaceAll(/[`~\n\r]/g, "")),
    fc.nat(900).map((length) => "x".repeat(length)),
  );
  const document = fc.array(line, { maxLength: 30, size: "max" }).map((parts) => parts.join("\n"));

  test("is cut into chunks within the limit, none blank, losing nothing", () => {
    fc.assert(
      fc.property(document, fc.constantFrom(512, 600, 2_000), (text, limit) => {
        const chunks = cutText(text, limit);
        for (const chunk of chunks) {
          expect(chunk.length).toBeLessThanOrEqual(limit);
          expect(chunk.trim()).not.toBe("");
          expect(chunk.isWellFormed()).toBe(true);
        }
        expect(withoutSpace(chunks.join("\n"))).toBe(withoutSpace(text));
      }),
      { numRuns: 300 },
    );
  });
});
