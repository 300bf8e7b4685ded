import fc from "fast-check";

/** Answers as models write them, each with what tends to go wrong. */
export const ANSWERS: readonly string[] = [
  `# Sorting in Python

Use **\`sorted()\`** or *\`list.sort()\`*:

\`\`\`python
def by_age(people):
    return sorted(people, key=lambda p: p["age"])
\`\`\`

1. It is **stable**.
2. It takes O(n log n).
   - best case: \\(O(n)\\)
   - worst case: $n \\log n$

> **Note:** see [the docs](https://docs.python.org/3/howto/sorting.html).
`,
  `Here is a comparison:

| Language | Typing  | Year |
|:---------|:-------:|-----:|
| Python   | dynamic | 1991 |
| Rust     | static  | 2015 |
| Go       | static  | 2009 |

---

- [x] read
- [ ] write

Water is H<sub>2</sub>O &amp; salt.<br>Area: x<sup>2</sup>
`,
  `The integral[^1] is

$$
\\int_0^1 x^2 \\, dx = \\frac{1}{3}
$$

and this cannot be a line:

\\[
\\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}
\\]

<details>
<summary>Why?</summary>

Because of the *fundamental theorem*.

</details>

[^1]: By Riemann.
`,
  `数据类型：**整数**、*浮点*和\`字符串\`。请看[文档](https://例子.example/a)。

| 名称 | 大小 |
|---|---|
| 文件一 | 20 KB |
| 图片😀 | 5 MB |

使用 \`__init__\`，不要 __init__.py 或 2*3*4。
`,
];

const token = fc.constantFrom(
  ...[
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "```",
    "~~~",
    "[",
    "]",
    "](https://a.example/)",
    "![",
    "\\",
  ],
  ...[
    "(",
    ")",
    "<b>",
    "</b>",
    "<br>",
    "<sub>",
    "</sub>",
    "<details>",
    "</details>",
    "&amp;",
    "<",
    ">",
    "|",
    "$",
  ],
  ...[
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "[^1]",
    "[^1]: ",
    "[a]: https://b.example",
    "https://a_b.example/_c_",
    ":",
  ],
);
/** What may begin a line. */
export const LINE_STARTS = [
  "\n",
  "\n\n",
  "\n# ",
  "\n- ",
  "\n  - ",
  "\n1. ",
  "\n> ",
  "\n> > ",
  "\n```js\n",
  "\n```\n",
  "\n    ",
  "\n---\n",
  "\n| a | b |\n|---|---|\n",
  "\n| ",
  "\n- [x] ",
  "\n$$\n",
  "\n<details>\n<summary>",
  "\n===\n",
] as const;
const lineStart = fc.constantFrom(...LINE_STARTS, "\n\\[\n");
const words = fc.oneof(
  fc.constantFrom(
    "a",
    "word",
    " ",
    "snake_case",
    "x^2",
    "\\frac{a}{b}",
    "王",
    "😀",
    "e\u0301",
    "\ud800",
    "\t",
    ".",
  ),
  fc.string({ unit: "grapheme", maxLength: 5 }),
);

/** Any Markdown, thick with signs. */
export const anyMarkdown = fc
  .array(fc.oneof(token, lineStart, words), { maxLength: 60, size: "max" })
  .map((parts) => parts.join(""));

/** Long Markdown, of whole paragraphs beside the signs. */
export const longMarkdown = fc
  .array(fc.oneof(token, lineStart, words, fc.lorem({ maxCount: 60 }), fc.constantFrom(...ANSWERS)), {
    maxLength: 80,
    size: "max",
  })
  .map((parts) => parts.join(""));
