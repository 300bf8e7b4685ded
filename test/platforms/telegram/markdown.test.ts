import type { MessageEntity } from "@grammyjs/types";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toEntities } from "../../../src/platforms/telegram/entities/markdown.ts";

/** Shows what a reader would see: each entity as `<type>…</type>`, with its language or address. */
function shown(markdown: string): string {
  const { text, entities } = toEntities(markdown);
  const tags: [at: number, order: number, tag: string][] = [];
  for (const [index, entity] of entities.entries()) {
    const end = entity.offset + entity.length;
    tags.push(
      [entity.offset, 1_000 + index, `<${label(entity)}>`],
      [end, 1_000 - index, `</${entity.type}>`],
    );
  }
  tags.sort(([a, i], [b, j]) => b - a || j - i);
  return tags.reduce((out, [at, , tag]) => out.slice(0, at) + tag + out.slice(at), text);
}

function label(entity: MessageEntity): string {
  if (entity.type === "pre" && entity.language) return `pre ${entity.language}`;
  return entity.type === "text_link" ? `text_link ${entity.url}` : entity.type;
}

test.each([
  ["a **bold** word", "a <bold>bold</bold> word"],
  ["*it* and _it_", "<italic>it</italic> and <italic>it</italic>"],
  ["~~gone~~", "<strikethrough>gone</strikethrough>"],
  ["`let a_b = **c**`", "<code>let a_b = **c**</code>"],
  ["```let a``` is code", "<code>let a</code> is code"],
  ["`` a ` b ``", "<code>a ` b</code>"],
  ["**bold *both* bold**", "<bold>bold <italic>both</italic> bold</bold>"],
  ["***both***", "<bold><italic>both</italic></bold>"],
  ["**bold *both***", "<bold>bold <italic>both</italic></bold>"],
  ["*it **both***", "<italic>it <bold>both</bold></italic>"],
  ["**API**s and **Note:**text", "<bold>API</bold>s and <bold>Note:</bold>text"],
  ["**use `x`**", "<bold>use <code>x</code></bold>"],
  ["重要**重点**内容", "重要<bold>重点</bold>内容"],
  ["**「重点」**内容", "<bold>「重点」</bold>内容"],
  ["# Title\ntext", "<bold>Title</bold>\ntext"],
  ["### With `code`", "<bold>With <code>code</code></bold>"],
  ["> one\n> **two**\nthree", "<blockquote>one\n<bold>two</bold></blockquote>\nthree"],
  ["[a](https://a.example/x_y)", "<text_link https://a.example/x_y>a</text_link>"],
  ["[**a**](http://a.example)", "<text_link http://a.example><bold>a</bold></text_link>"],
  ["**[a](http://a.example)**", "<bold><text_link http://a.example>a</text_link></bold>"],
  ["[w](https://w.example/a_(b)) x", "<text_link https://w.example/a_(b)>w</text_link> x"],
  ['[a](https://a.example "title")', "<text_link https://a.example>a</text_link>"],
  ["![alt](https://a.example/i.png)", "<text_link https://a.example/i.png>alt</text_link>"],
  ["[us](tg://user?id=42)", "<text_link tg://user?id=42>us</text_link>"],
  ["```js\nlet a_b;\n```\nend", "<pre js>let a_b;</pre>\nend"],
  ["```\n# no *title*\n```", "<pre># no *title*</pre>"],
  ["- item\n  ```sh title=x\n  echo\n    hi\n  ```", "- item\n<pre sh>echo\n  hi</pre>"],
  ["```js\ncut off", "<pre js>cut off</pre>"],
  ["\\*no\\* snake\\_case \\`tick\\`", "*no* snake_case `tick`"],
  ["👩‍👧 **b** 👩‍👧", "👩‍👧 <bold>b</bold> 👩‍👧"],
])("%j is shown as %j", (markdown, expected) => {
  expect(shown(markdown)).toBe(expected);
});

test.each([
  "plain text, with punctuation: (a) [b] {c} <d> & \"e\" 'f'!",
  "[claude-opus_5] hello",
  "[brackets] hello (world)",
  "snake_case and _private and __init__ and a_b_c",
  "2 * 3 * 4, 2*3*4, 2**3 + 4**2",
  "5*(3+2)*4",
  "f(*args, **kwargs)",
  "f(**kw) + x**2",
  "*.js and foo*bar",
  "* item\n* item\n- item\n1. item",
  "a * b",
  "**not closed",
  "*not closed",
  "`not closed",
  "** spaced ** and ~~ spaced ~~ and ~one~ and ****four****",
  "#hashtag and a > b and >_<",
  "https://a.example/_x_/b_c",
  "[x](javascript:alert(1)) [y](ftp://a.example) [z](mailto:a@b.example) [local](http://localhost:80/)",
  "[](https://a.example) [x] (https://a.example) x](https://a.example)",
  "| a | b |\n|---|---|\n| 1 | 2 |",
  "---",
  "C:\\new\\[x] and \\(x\\) and \\[y\\]",
  "```\n```",
  "> ",
  "**",
  "",
  " \n ",
])("%j stays as it is, without entities", (text) => {
  expect(toEntities(text)).toEqual({ text, entities: [] });
});

test("styles never cross, so that each entity holds or leaves out another whole", () => {
  expect(shown("*a **b* c**")).toBe("<italic>a **b</italic> c**");
  expect(shown("**a [b** c](https://a.example)")).toBe("<bold>a [b</bold> c](https://a.example)");
  expect(shown("[[a](https://a.example)](https://b.example)")).toBe(
    "[<text_link https://a.example>a</text_link>](https://b.example)",
  );
  expect(shown("[a **b](https://a.example) c**")).toBe("<text_link https://a.example>a **b</text_link> c**");
});

describe("a message holds a hundred entities", () => {
  test("and the first hundred are kept", () => {
    const { text, entities } = toEntities("**b** ".repeat(150));
    expect(text).toBe("b ".repeat(150));
    expect(entities.length).toBe(100);
  });

  test("but no link is lost", () => {
    const { entities } = toEntities(`${"**b** ".repeat(150)}[a](https://a.example)`);
    expect(entities.length).toBe(100);
    expect(entities.some(({ type }) => type === "text_link")).toBe(true);
    const links = "[a](https://a.example) ".repeat(150);
    expect(toEntities(links)).toEqual({ text: links, entities: [] });
  });
});

describe("any text", () => {
  const part = fc.oneof(
    fc.constantFrom("*", "**", "***", "_", "~~", "`", "``", "[", "]", "](https://a.example/)", "![", "\\"),
    fc.constantFrom("\n", "\n```js\n", "\n```\n", "\n> ", "\n# ", " ", "https://a_b.example/_c_"),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  );
  const markdown = fc.array(part, { maxLength: 60, size: "max" }).map((parts) => parts.join(""));
  // What is taken away is nothing but Markdown's own characters, languages, and what a link keeps.
  const letters = (text: string) => text.replaceAll(/[^\p{L}\p{N}]/gu, "");

  test("gives entities that lie within it, and in one another or apart", () => {
    fc.assert(
      fc.property(markdown, (source) => {
        const { text, entities } = toEntities(source);
        expect(text.length).toBeLessThanOrEqual(source.length);
        for (const [index, a] of entities.entries()) {
          expect(a.length).toBeGreaterThan(0);
          expect(a.offset + a.length).toBeLessThanOrEqual(text.length);
          for (const b of entities.slice(index + 1)) {
            const apart = b.offset >= a.offset + a.length;
            const within = b.offset >= a.offset && b.offset + b.length <= a.offset + a.length;
            expect(apart || within).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("keeps every letter that is no link's address or block's language", () => {
    const kept = (text: string) => letters(text.replaceAll("https://a.example/", "").replaceAll("```js", ""));
    fc.assert(
      fc.property(markdown, (source) => {
        fc.pre(!/(?:`{3,}|~{3,})(?!js\n)[^\n]/.test(source));
        expect(kept(toEntities(source).text)).toBe(kept(source));
      }),
      { numRuns: 500 },
    );
  });

  test("comes out as it is if it has no Markdown", () => {
    const plain = fc
      .string({ unit: "grapheme", maxLength: 300 })
      .map((text) => text.replaceAll(/[*_~`[\]\\#>]/g, ""));
    fc.assert(
      fc.property(plain, (text) => {
        expect(toEntities(text)).toEqual({ text, entities: [] });
      }),
    );
  });

  test("of two hundred thousand units is read in a moment, however hostile", () => {
    const hostile = [
      "*a ",
      "**a",
      "*a* ",
      "_a ",
      "`",
      "`` ` ",
      "[",
      "[*",
      "]",
      "[a](",
      "](http://a.b",
      "\\*",
      "~~a",
    ];
    const runs = Array.from({ length: 600 }, (_, n) => "`".repeat(n + 1)).join(" ");
    for (const text of [...hostile.map((part) => part.repeat(200_000 / part.length)), runs]) {
      const start = performance.now();
      toEntities(text);
      expect(performance.now() - start, JSON.stringify(text.slice(0, 12))).toBeLessThan(1_000);
    }
  });
});
