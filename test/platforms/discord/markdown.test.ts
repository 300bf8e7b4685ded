import { describe, expect, test } from "vitest";
import { renderDiscord } from "../../../src/platforms/discord/markdown.ts";

/** Markdown beside what is sent to Discord, messages apart by a line of `=`. */
function written(markdown: string, growing = false): string {
  return renderDiscord(markdown, growing).join("\n=====\n");
}

type Table = readonly (readonly [markdown: string, written: string])[];

const TABLES: { readonly [what: string]: Table } = {
  "what Discord shows stays": [
    ["**bold**, *it*, ~~gone~~ and `code`", "**bold**, *it*, ~~gone~~ and `code`"],
    ["_it_ and ***both***", "*it* and ***both***"],
    ["# One\n## Two\n### Three", "# One\n## Two\n### Three"],
    ["- a\n  - b\n- c", "- a\n  - b\n- c"],
    ["1. a\n2. b\n\n   more", "1. a\n2. b\n\n   more"],
    ["> quote\n> **more**", "> quote\n> **more**"],
    ["> ```js\n> a\n>\n> b\n> ```", "> ```js\n> a\n> \n> b\n> ```"],
    ["[a](https://a.example/b_c)", "[a](https://a.example/b_c)"],
    ["```js\na\n```", "```js\na\n```"],
    ["snake_case and a_b_c", "snake_case and a_b_c"],
  ],
  "what Discord lacks is written another way": [
    ["#### Four\n##### Five", "**Four**\n**Five**"],
    ["* star\n+ plus", "- star\n- plus"],
    ["- [x] done\n- [ ] open", "- ☑ done\n- ☐ open"],
    ["a\n\n---\n\nb", "a\n\n────────────\n\nb"],
    ["![alt](https://a.example/i.png)", "[alt](https://a.example/i.png)"],
    ["| a | b |\n|---|--:|\n| 1 | 2 |", "```\na  b\n----\n1  2\n```"],
    [
      "| Name | What it is, at length |\n|---|---|\n| one | a thing of which much can be said |",
      "- **Name: one**\n  - What it is, at length: a thing of which much can be said",
    ],
    ["> outer\n> > inner", "> outer\n> │ inner"],
    ["<details><summary>Why?</summary>\n\nSo.\n</details>", "**Why?**\n\nSo."],
    ["A note[^1].\n\n[^1]: Here.", "A note¹.\n\n-# ¹ Here."],
    ["H<sub>2</sub>O &amp; \\(x^2\\)<br>under", "H₂O & x²\nunder"],
  ],
  "fences are three backticks, which nothing in them ends": [
    ["~~~py\na\n~~~", "```py\na\n```"],
    ["````md\n```js\na\n```\n````", "```md\n`\u200b`\u200b`js\na\n`\u200b`\u200b`\n```"],
    ["- item\n  ```sh\n  echo\n  ```", "- item\n```sh\necho\n```"],
    ["```js\ncut off", "```js\ncut off\n```"],
    ["``a ` b``", "`` a ` b ``"],
  ],
  "what is no markup is shown to the letter": [
    ["2*3*4 and 2\\*3", "2\\*3\\*4 and 2\\*3"],
    ["__init__ and _x", "\\_\\_init\\_\\_ and \\_x"],
    ["a || b || c and ~~ d ~~", "a \\|| b \\|| c and \\~~ d \\~~"],
    ["1\\. one and\n\\# two\n\\- three\n\\> four", "1\\. one and\n\\# two\n\\- three\n\\> four"],
    ["1\\. one", "1\\. one"],
    ["`not closed", "\\`not closed"],
    ["C:\\new\\*", "C:\\new\\*"],
    ["a\\\\**x**", "a\\\\**x**"],
    // No mention alerts anybody: each message says so.
    ["hi <@123> and <#4> and a < b", "hi <@123> and <#4> and a < b"],
    [
      "[x](ftp://a.example) and \\[y](https://a.example)",
      "x (ftp://a.example) and \\[y](<https://a.example>)",
    ],
  ],
  addresses: [
    ["https://a.example/_x_, **https://b.example**", "<https://a.example/_x_>, **<https://b.example>**"],
    ["<https://a.example>", "<https://a.example>"],
    ["[w](https://w.example/a_(b))", "[w](https://w.example/a_%28b%29)"],
    ["[docs](docs/a.md)", "docs (docs/a.md)"],
    // Discord masks no address with another one.
    ["[https://bank.example](https://evil.example)", "https://bank.example (<https://evil.example>)"],
    ["**a**<i>b</i>", "**a**\u200b*b*"],
  ],
};

describe.each(Object.entries(TABLES))("%s", (_, rows) => {
  test.each(rows)("%j is written %j", (markdown, text) => {
    expect(written(markdown)).toBe(text);
  });
});

describe("an answer too long for one message", () => {
  test("goes on with its code's language and its quote", () => {
    const code = Array.from({ length: 90 }, (_, n) => `> line(${n}, "some text in it");`).join("\n");
    const messages = renderDiscord(`> \`\`\`ts\n${code}\n> \`\`\``);
    expect(messages.length).toBeGreaterThan(1);
    for (const content of messages) {
      expect(content).toMatch(/^> ```ts\n(> line.*\n)+> ```$/);
      expect(content.length).toBeLessThanOrEqual(2_000);
    }
  });

  test("goes on with the style that was cut", () => {
    const messages = renderDiscord(`**${"word ".repeat(900).trim()}**`);
    expect(messages.length).toBe(3);
    for (const content of messages) {
      expect(content).toMatch(/^\*\*word[\s\S]*word\*\*$/);
      expect(content.length).toBeLessThanOrEqual(2_000);
    }
  });

  test("has no link that none could hold, but its address", () => {
    const address = `https://a.example/${"x".repeat(3_000)}`;
    const messages = renderDiscord(`[long](${address})`);
    expect(messages.length).toBe(2);
    expect(messages.join("")).toBe(`long (${address})`);
  });

  test("has room for every backslash and address", () => {
    const text = "2*3 [a](https://a.example/a/rather/long/address/of/a/page) ".repeat(200);
    const messages = renderDiscord(text);
    for (const content of messages) expect(content.length).toBeLessThanOrEqual(2_000);
    expect(messages.join(" ").match(/\[a\]\(https:[^)]*page\)/g)?.length).toBe(200);
  });
});
