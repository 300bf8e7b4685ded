import { describe, expect, test } from "vitest";
import { renderTelegram } from "../../../src/platforms/telegram/entities/render.ts";
import { shown } from "./shown.ts";

/** Markdown beside what a reader sees of it. */
type Table = readonly (readonly [markdown: string, seen: string])[];

const TABLES: { readonly [what: string]: Table } = {
  emphasis: [
    ["a **bold** word", "a <bold>bold</bold> word"],
    ["*it* and _it_", "<italic>it</italic> and <italic>it</italic>"],
    ["~~gone~~", "<strikethrough>gone</strikethrough>"],
    ["**bold *both* bold**", "<bold>bold <italic>both</italic> bold</bold>"],
    ["***both***", "<bold><italic>both</italic></bold>"],
    ["**bold *both***", "<bold>bold <italic>both</italic></bold>"],
    ["*it **both***", "<italic>it <bold>both</bold></italic>"],
    ["**over\ntwo lines**", "<bold>over\ntwo lines</bold>"],
    ["**API**s and **Note:**text", "<bold>API</bold>s and <bold>Note:</bold>text"],
    ["重要**重点**内容", "重要<bold>重点</bold>内容"],
    ["**「重点」**内容", "<bold>「重点」</bold>内容"],
    ["__Bold text__ and __Bold__", "<bold>Bold text</bold> and <bold>Bold</bold>"],
    ["👩‍👧 **b** 👩‍👧", "👩‍👧 <bold>b</bold> 👩‍👧"],
  ],
  "what only looks like emphasis": [
    ["snake_case and _private and __init__ and a_b_c", "snake_case and _private and __init__ and a_b_c"],
    ["`x` in __init__.py, __FILE__ and __all__", "<code>x</code> in __init__.py, __FILE__ and __all__"],
    ["2 * 3 * 4, 2*3*4, 2**3 + 4**2", "2 * 3 * 4, 2*3*4, 2**3 + 4**2"],
    ["5*(3+2)*4", "5*(3+2)*4"],
    ["f(*args, **kwargs)", "f(*args, **kwargs)"],
    ["f(**kw) + x**2", "f(**kw) + x**2"],
    ["*.js and foo*bar", "*.js and foo*bar"],
    ["a * b", "a * b"],
    ["**not closed", "**not closed"],
    ["*not closed", "*not closed"],
    [
      "** spaced ** and ~~ spaced ~~ and ~one~ and ****four****",
      "** spaced ** and ~~ spaced ~~ and ~one~ and ****four****",
    ],
  ],
  code: [
    ["`let a_b = **c**`", "<code>let a_b = **c**</code>"],
    ["```let a``` is code", "<code>let a</code> is code"],
    ["`` a ` b ``", "<code>a ` b</code>"],
    ["`over\ntwo lines`", "<code>over two lines</code>"],
    // Telegram's server cuts the bold text around the code.
    ["**use `x` now**", "<bold>use <code>x</code> now</bold>"],
    ["[`x`](https://a.example)", "<text_link https://a.example>x</text_link>"],
    ["`not closed", "`not closed"],
    ["```js\nlet a_b;\n```\nend", "<pre js>let a_b;</pre>\nend"],
    ["```\n# no *title*\n```", "<pre># no *title*</pre>"],
    ["~~~~py\n```\n~~~~", "<pre py>```</pre>"],
    ["```js\ncut off", "<pre js>cut off</pre>"],
    ["```go\n\tx\n```", "<pre go>    x</pre>"],
    ["- item\n  ```sh title=x\n  echo\n    hi\n  ```", "• item\n<pre sh>echo\n  hi</pre>"],
    ["1. item\n```sh\nnot indented\n```\n2. next", "1. item\n<pre sh>not indented</pre>\n2. next"],
    ["- item\n  ```sh\nnot indented\n  ```\n- next", "• item\n<pre sh>not indented</pre>\n• next"],
  ],
  headings: [
    ["# Title\ntext", "<bold>Title</bold>\ntext"],
    ["#### Deep ####\n\ntext", "<bold>Deep</bold>\n\ntext"],
    ["### With `code`", "<bold>With <code>code</code></bold>"],
    ["# **Bold**", "<bold>Bold</bold>"],
    ["#hashtag", "#hashtag"],
  ],
  lists: [
    ["- a\n* b\n+ c", "• a\n• b\n• c"],
    ["- a\n  - b\n    - c\n- d", "• a\n   ◦ b\n      ▪ c\n• d"],
    ["1. a\n1. b\n1. c", "1. a\n2. b\n3. c"],
    ["3) c\n4) d", "3) c\n4) d"],
    ["1. a\n  - sloppy\n2. b", "1. a\n    ◦ sloppy\n2. b"],
    ["- a\n\n  more\n\n- b", "• a\n\n   more\n\n• b"],
    ["- [x] done\n- [ ] open", "☑ done\n☐ open"],
    ["Steps:\n- a\n- b", "Steps:\n• a\n• b"],
    ["It was in\n2019. Then", "It was in\n2019. Then"],
  ],
  quotes: [
    ["> one\n> **two**\nthree", "<blockquote>one\n<bold>two</bold></blockquote>\nthree"],
    ["> outer\n> > inner\n> outer", "<blockquote>outer\n│ inner\nouter</blockquote>"],
    ["> ```js\n> a\n> ```\n> b", "<blockquote><pre js>a</pre>\nb</blockquote>"],
    ["> - a\n> - b", "<blockquote>• a\n• b</blockquote>"],
    [">no space", "<blockquote>no space</blockquote>"],
    ["a > b and >_<", "a > b and >_<"],
    [">90 % of it", ">90 % of it"],
  ],
  links: [
    ["[a](https://a.example/x_y)", "<text_link https://a.example/x_y>a</text_link>"],
    ["[**a**](http://a.example)", "<text_link http://a.example><bold>a</bold></text_link>"],
    ["**[a](http://a.example)**", "<bold><text_link http://a.example>a</text_link></bold>"],
    ["[w](https://w.example/a_(b)) x", "<text_link https://w.example/a_(b)>w</text_link> x"],
    ['[a](https://a.example "title")', "<text_link https://a.example>a</text_link>"],
    ["[over\nlines](<https://a.example>)", "<text_link https://a.example>over\nlines</text_link>"],
    ["![alt](https://a.example/i.png)", "<text_link https://a.example/i.png>alt</text_link>"],
    ["[![CI](https://a.example/b.svg)](https://ci.example)", "<text_link https://ci.example>CI</text_link>"],
    [
      "[text][1], [1] and [A b]\n\n[1]: https://a.example\n[a B]: <https://b.example> 'B'",
      "<text_link https://a.example>text</text_link>, <text_link https://a.example>[1]</text_link> and <text_link https://b.example>A b</text_link>",
    ],
    // Telegram finds a bare address by itself.
    ["<https://a.example/x_y> and <me@a.example>", "https://a.example/x_y and me@a.example"],
    [
      "https://a.example/_x_/b_c, **https://b.example**",
      "https://a.example/_x_/b_c, <bold>https://b.example</bold>",
    ],
    ["[https://a.example/](https://a.example/)", "https://a.example/"],
    ["[brackets] hello (world) x](https://a.example)", "[brackets] hello (world) x](https://a.example)"],
    ["[](https://a.example)", "[](https://a.example)"],
  ],
  "links that Telegram would drop": [
    ["[guide](docs/guide.md) and [top](#top)", "guide (docs/guide.md) and top"],
    [
      "[write](mailto:me@a.example?subject=x) or [me@a.example](mailto:me@a.example)",
      "write (me@a.example) or me@a.example",
    ],
    ["[local](http://localhost:80/)", "local (http://localhost:80/)"],
    // Telegram refuses the entities of a message in which one address is malformed.
    ["[yours](https://{you}.example/x)", "yours (https://{you}.example/x)"],
    ["[port](https://a.example:PORT/)", "port (https://a.example:PORT/)"],
    ["[p](https://a.example:70000)", "p (https://a.example:70000)"],
    ["[p](http://1.2.3.4:11434?x={y})", "<text_link http://1.2.3.4:11434?x={y}>p</text_link>"],
    ["[y](ftp://a.example)", "y (ftp://a.example)"],
    ["[us](tg://user?id=42) and [x](javascript:alert(1))", "us and x"],
  ],
  "escapes and HTML": [
    ["\\*no\\* snake\\_case \\`tick\\` 1\\. \\#", "*no* snake_case `tick` 1. #"],
    ["C:\\new\\dir", "C:\\new\\dir"],
    ["a &amp; b &lt;c&gt; &#39;d&#39; &#xA9; &nope;", "a & b <c> 'd' © &nope;"],
    ["one<br>two<br/>three", "one\ntwo\nthree"],
    ["H<sub>2</sub>O, x<sup>n+1</sup>, y<sup>ω</sup>, z<sub>max,q</sub>", "H₂O, xⁿ⁺¹, y^ω, z_(max,q)"],
    [
      "<b>bold</b>, <em>it</em>, <del>gone</del>, <u>no underline</u>, <kbd>Ctrl</kbd>",
      "<bold>bold</bold>, <italic>it</italic>, <strikethrough>gone</strikethrough>, no underline, <code>Ctrl</code>",
    ],
    ['<p align="center">text</p>', "text"],
    ["Vec<b> and <T> and <your-name> and a < b", "Vec<b> and <T> and <your-name> and a < b"],
    [
      "<details>\n<summary>Why <b>so</b>?</summary>\n\nBecause.\n\n</details>\n\nend",
      "<bold>Why so?</bold>\n\nBecause.\n\nend",
    ],
  ],
  formulas: [
    ["\\(E = mc^2\\) and $\\frac{a+b}{2} \\leq x_n$", "E = mc² and (a+b)/2 ≤ xₙ"],
    ["It costs $5 and $10, or $HOME/bin", "It costs $5 and $10, or $HOME/bin"],
    ["$$\n\\sum_{i=1}^n i = \\frac{n(n+1)}{2}\n$$", "∑ᵢ₌₁ⁿ i = (n(n+1))/2"],
    ["\\[ \\alpha \\to \\infty \\]", "α → ∞"],
    ["\\[\n\\begin{pmatrix} 1 & 0 \\end{pmatrix}\n\\]", "<code>\\begin{pmatrix} 1 & 0 \\end{pmatrix}</code>"],
    ["so \\(\\overbrace{x}\\) is", "so <code>\\overbrace{x}</code> is"],
  ],
  footnotes: [
    [
      "One[^1] and two[^2][^n].\n\n[^1]: *First*.\n    More.\n[^2]: Second.\n[^n]: Note.",
      "One¹ and two² ⁿ.\n\n¹ <italic>First</italic>.\n   More.\n² Second.\nⁿ Note.",
    ],
    ["No such note[^x].", "No such note[^x]."],
  ],
  rules: [
    ["a\n\n---\n\nb", "a\n\n────────────\n\nb"],
    ["***", "────────────"],
  ],
  tables: [
    [
      "| Name | Age |\n|:-----|----:|\n| Bob `x` | 30 |\n| 王小明 | 5 |",
      "<pre>Name    Age\n-----------\nBob x    30\n王小明    5</pre>",
    ],
    ["a | b\n--|--\n1 | `x|y` \\| z", "<pre>a  b\n----------\n1  x|y | z</pre>"],
    [
      "| Site | Link |\n|---|---|\n| A | [docs](https://a.example) |",
      "• <bold>Site: A</bold>\n   ◦ Link: <text_link https://a.example>docs</text_link>",
    ],
    [
      "| Feature | Python | Rust |\n|---|---|---|\n| Memory | collected, with **reference counting** | owned |\n| Year | 1991 | |",
      "• <bold>Feature: Memory</bold>\n   ◦ Python: collected, with <bold>reference counting</bold>\n   ◦ Rust: owned\n\n• <bold>Feature: Year</bold>\n   ◦ Python: 1991\n   ◦ Rust: –",
    ],
    ["a | b and c", "a | b and c"],
  ],
  "plain text": [
    ["[claude-opus_5] hello", "[claude-opus_5] hello"],
    ["  indented\n    more\n\n\ntext", "  indented\n    more\n\n\ntext"],
    ["half \ud83d of a character", "half \ufffd of a character"],
    ["a\r\nb", "a\nb"],
    // Markup alone is at least something to see.
    ["> ", ">"],
    ["```\n```", "```\n```"],
    ["**", "**"],
    ["", ""],
  ],
};

describe.each(Object.entries(TABLES))("%s", (_, rows) => {
  test.each(rows)("%j is shown as %j", (markdown, seen) => {
    expect(shown(markdown)).toBe(seen);
  });
});

test("styles never cross, so that each entity holds or leaves out another whole", () => {
  expect(shown("*a **b* c**")).toBe("<italic>a **b</italic> c**");
  expect(shown("**a [b** c](https://a.example)")).toBe("<bold>a [b</bold> c](https://a.example)");
  expect(shown("[[a](https://a.example)](https://b.example)")).toBe(
    "[<text_link https://a.example>a</text_link>](https://b.example)",
  );
  expect(shown("<b>a [b</b> c](https://a.example)")).toBe("<bold>a [b</bold> c](https://a.example)");
  expect(shown("[a **b](https://a.example) c**")).toBe("<text_link https://a.example>a **b</text_link> c**");
});

describe("an answer too long for one message", () => {
  test("of more than a hundred entities goes on in the next, with all of them", () => {
    const messages = renderTelegram("**b** ".repeat(150));
    expect(messages.map(({ entities }) => entities.length)).toEqual([100, 50]);
    const links = renderTelegram("[a](https://a.example) ".repeat(250));
    expect(links.map(({ entities }) => entities.length)).toEqual([100, 100, 50]);
  });

  test("goes on with the styles that were cut", () => {
    const [first, second] = renderTelegram(`> **${"word ".repeat(1_000).trim()}**`);
    for (const message of [first, second]) {
      expect(message?.entities.map(({ type }) => type)).toEqual(["blockquote", "bold"]);
      expect(message?.text.length).toBeLessThanOrEqual(4_096);
    }
  });
});
