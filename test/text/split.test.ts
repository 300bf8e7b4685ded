import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findFences } from "../../src/text/fences.ts";
import { splitMarkdown } from "../../src/text/split.ts";

const LIMIT = 600;
const words = (count: number, word = "word") => Array.from({ length: count }, () => word).join(" ");
const withoutSpace = (text: string) => text.replaceAll(/\s+/g, "");

describe("a text that fits", () => {
  test("stays as it is, to the letter", () => {
    const text = "  two\n\n\nlines with **marks** and ` ticks  ";
    expect(splitMarkdown(text, LIMIT)).toEqual([text]);
    const exact = "x".repeat(LIMIT);
    expect(splitMarkdown(exact, LIMIT)).toEqual([exact]);
  });

  test("gives no chunk if it is blank", () => {
    expect(splitMarkdown("", LIMIT)).toEqual([]);
    expect(splitMarkdown(" \n\t\n ", LIMIT)).toEqual([]);
    expect(splitMarkdown(" \n".repeat(2_000), LIMIT)).toEqual([]);
  });

  test("has a fence that it leaves open closed", () => {
    expect(splitMarkdown("Look:\n```js\nlet a = 1;", LIMIT)).toEqual(["Look:\n```js\nlet a = 1;\n```"]);
    expect(splitMarkdown("Look:\n```js\nlet a = 1;\n", LIMIT)).toEqual(["Look:\n```js\nlet a = 1;\n```"]);
  });
});

describe("prose is cut", () => {
  test("between paragraphs before anything else", () => {
    const [first, second] = [words(80), `${words(40)}\n${words(40)}`];
    expect(splitMarkdown(`${first}\n\n${second}`, LIMIT)).toEqual([first, second]);
  });

  test("at a newline rather than after a sentence", () => {
    const [first, second] = [words(80), `${words(30)}. ${words(60)}`];
    expect(splitMarkdown(`${first}\n${second}`, LIMIT)).toEqual([first, second]);
  });

  test("after a sentence rather than at a later space", () => {
    const [first, second] = [`${words(80)}.`, words(60)];
    expect(splitMarkdown(`${first} ${second}`, LIMIT)).toEqual([first, second]);
    const [ja, nai] = [`${"言葉".repeat(200)}。`, "言葉".repeat(200)];
    expect(splitMarkdown(ja + nai, LIMIT)).toEqual([ja, nai]);
  });

  test("between words if there are no sentences", () => {
    const chunks = splitMarkdown(words(500), LIMIT);
    expect(chunks.length).toBe(5);
    expect(chunks.join(" ")).toBe(words(500));
  });

  test("in a word only if there is nothing else, and then filling each chunk", () => {
    expect(splitMarkdown("x".repeat(1_500), LIMIT).map((chunk) => chunk.length)).toEqual([600, 600, 300]);
  });

  test("at the best break also where that is the first not to fit", () => {
    const line = `${"a".repeat(400)}. ${"b".repeat(LIMIT - 402)}`;
    expect(splitMarkdown(`${line}\nrest`, LIMIT)).toEqual([line, "rest"]);
    const paragraph = `${"a".repeat(400)}\n\n${"b".repeat(LIMIT - 402)}`;
    expect(splitMarkdown(`${paragraph}\n\nrest`, LIMIT)).toEqual([paragraph, "rest"]);
  });

  test("outside inline code", () => {
    const code = `\`${words(30)}\``;
    const chunks = splitMarkdown(`${words(110)} ${code} ${words(60)}`, LIMIT);
    expect(chunks.some((chunk) => chunk.includes(code))).toBe(true);
  });

  test("without losing the next line's indentation", () => {
    const item = `- ${words(70)}\n    - ${words(70)}`;
    expect(splitMarkdown(item, LIMIT)).toEqual([`- ${words(70)}`, `    - ${words(70)}`]);
  });

  test("between characters as people see them", () => {
    const family = "👩‍👩‍👧‍👦";
    for (const chunk of splitMarkdown(`a${family.repeat(300)}`, LIMIT)) {
      expect(chunk.isWellFormed()).toBe(true);
      expect(chunk.replaceAll(family, "").replace("a", "")).toBe("");
    }
    const combined = `${"e".repeat(LIMIT - 1)}e\u0301\u0323${"e".repeat(50)}`;
    expect(splitMarkdown(combined, LIMIT)[1]?.startsWith("e\u0301\u0323")).toBe(true);
  });

  test("never within a surrogate pair, whatever joins the characters", () => {
    const endless = "👩\u200d".repeat(2_000);
    for (const limit of [LIMIT, LIMIT + 1, LIMIT + 2]) {
      for (const chunk of splitMarkdown(endless, limit)) expect(chunk.isWellFormed()).toBe(true);
    }
  });

  test("without making a fence of three backticks in mid-line", () => {
    const text = `${words(119)} \`\`\`not a fence\n${words(100)}`;
    for (const chunk of splitMarkdown(text, LIMIT)) expect(findFences(chunk)).toEqual([]);
    const solid = `${"x".repeat(LIMIT)}\`\`\`not a fence\n${words(100)}`;
    for (const chunk of splitMarkdown(solid, LIMIT)) expect(findFences(chunk)).toEqual([]);
  });
});

describe("a code block", () => {
  const code = (lines: number) => Array.from({ length: lines }, (_, n) => `  line(${n});`).join("\n");

  test("is kept whole if it fits into one chunk", () => {
    const block = `\`\`\`ts\n${code(35)}\n\`\`\``;
    const chunks = splitMarkdown(`${words(50)}\n\n${block}\n\n${words(90)}`, LIMIT);
    expect(chunks[0]).toBe(words(50));
    expect(chunks[1]?.startsWith(block)).toBe(true);
  });

  test("that is too long is closed at the cut and opened again with its language", () => {
    const chunks = splitMarkdown(`Intro\n\`\`\`ts title\n${code(120)}\n\`\`\`\nOutro`, LIMIT);
    expect(chunks.length).toBe(3);
    expect(chunks[0]).toMatch(/^Intro\n```ts title\n {2}line\(0\);\n[\s\S]*\);\n```$/);
    expect(chunks[1]).toMatch(/^```ts title\n {2}line\(\d+\);\n[\s\S]*\);\n```$/);
    expect(chunks[2]).toMatch(/^```ts title\n {2}line\([\s\S]*line\(119\);\n```\nOutro$/);
    const body = chunks
      .join("\n")
      .replaceAll(/^(```.*|Intro|Outro)\n?/gm, "")
      .trimEnd();
    expect(body).toBe(code(120));
  });

  test("keeps blank lines and indentation at its cuts", () => {
    const block = `\`\`\`\n${`${"y".repeat(290)}\n\n    indented\n`.repeat(6)}\`\`\``;
    const chunks = splitMarkdown(block, LIMIT);
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.map((chunk) => chunk.slice(4, -4)).join("\n")).toBe(block.slice(4, -4));
  });

  test("of one endless line is cut in it, and loses nothing", () => {
    const chunks = splitMarkdown(`~~~\n${"z".repeat(2_000)}\n~~~`, LIMIT);
    expect(chunks.every((chunk) => /^~~~\nz+\n~~~$/.test(chunk) && chunk.length <= LIMIT)).toBe(true);
    expect(chunks.join("").replaceAll(/[^z]/g, "").length).toBe(2_000);
  });

  test("whose last line does not fit is not begun again without code", () => {
    const body = "x".repeat(590);
    const chunks = splitMarkdown(`\`\`\`\n${body}\n\`\`\`${" ".repeat(50)}\nafter`, LIMIT);
    expect(chunks).toEqual([`\`\`\`\n${body}\n\`\`\``, "after"]);
  });

  test("under a list item is opened again with its indentation", () => {
    const block = `- item\n   \`\`\`sh\n${"   echo hello there\n".repeat(60)}   \`\`\``;
    const chunks = splitMarkdown(block, LIMIT);
    expect(chunks.slice(1).every((chunk) => chunk.startsWith("   ```sh\n   echo"))).toBe(true);
    expect(chunks.every((chunk) => chunk.endsWith("\n   ```"))).toBe(true);
  });

  test("may hold a shorter fence", () => {
    const block = `\`\`\`\`md\n${"```js\nlet a;\n```\n".repeat(60)}\`\`\`\``;
    for (const chunk of splitMarkdown(block, LIMIT)) {
      expect(chunk).toMatch(/^````md\n[\s\S]*\n````$/);
      expect(findFences(chunk).length).toBe(1);
    }
  });
});

describe("any text", () => {
  const line = fc.oneof(
    fc.lorem({ maxCount: 12 }),
    fc.lorem({ mode: "sentences", maxCount: 8 }),
    fc.constantFrom("", "- item", "    indented", "a `code span` b", "`", "**bold** and _it_", "> quote"),
    fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 700 })
      .map((text) => text.replaceAll(/[`~\n\r]/g, "")),
    fc.nat(900).map((length) => "x".repeat(length)),
  );
  const block = fc
    .tuple(fc.constantFrom("```", "~~~", "````"), fc.constantFrom("", "js", "python title=x"), fc.array(line))
    .map(
      ([marker, info, lines]) => `${marker}${info}\n${lines.map((text) => `${text}\n`).join("")}${marker}`,
    );
  const document = fc
    .array(fc.oneof(line, line, block), { maxLength: 30, size: "max" })
    .map((parts) => parts.join("\n"));

  test("is cut into chunks within the limit, none blank, with every fence closed, losing nothing", () => {
    fc.assert(
      fc.property(document, fc.constantFrom(512, 600, 2_000), (text, limit) => {
        const chunks = splitMarkdown(text, limit);
        for (const chunk of chunks) {
          expect(chunk.length).toBeLessThanOrEqual(limit);
          expect(chunk.trim()).not.toBe("");
          expect(chunk.isWellFormed()).toBe(true);
          expect(findFences(chunk).every((fence) => fence.closed)).toBe(true);
        }
        const fenceLines = /^(?:```|~~~).*$/gm;
        expect(withoutSpace(chunks.join("\n").replaceAll(fenceLines, ""))).toBe(
          withoutSpace(text.replaceAll(fenceLines, "")),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("of a million units is cut in a moment, however hostile", () => {
    const million = 1_000_000;
    const hostile = [
      "`",
      " ",
      "x",
      "\n",
      "```\n",
      "~~~\n\n",
      "` `` ",
      "``` x",
      "👩\u200d",
      "a. ",
      "[](http://",
      "e\u0301",
    ];
    for (const part of hostile) {
      const text = part.repeat(million / part.length);
      const start = performance.now();
      const chunks = splitMarkdown(text, 2_000);
      expect(performance.now() - start, JSON.stringify(part)).toBeLessThan(2_000);
      expect(chunks.every((chunk) => chunk.length <= 2_000)).toBe(true);
    }
  });
});
