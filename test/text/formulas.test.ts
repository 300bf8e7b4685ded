import { expect, test } from "vitest";
import { readableTex } from "../../src/text/markdown/tex.ts";

test.each([
  ["E = mc^2", "E = mc²"],
  ["x_1, x_{n+1}, x_{max,q}, x^\\omega", "x₁, xₙ₊₁, x_(max,q), x^ω"],
  ["\\frac{1}{2} + \\frac{a+b}{c}", "1/2 + (a+b)/c"],
  ["\\sqrt{x} + \\sqrt{x+1}", "√x + √(x+1)"],
  ["\\sum_{i=1}^{n} i^2", "∑ᵢ₌₁ⁿ i²"],
  ["\\int_0^\\infty e^{-x} \\, dx", "∫₀^∞ e⁻ˣ dx"],
  ["\\lim_{x \\to 0} \\frac{\\sin x}{x} = 1", "lim_(x → 0) (sin x)/x = 1"],
  ["\\alpha \\leq \\beta \\neq \\varepsilon, \\Delta \\in \\mathbb{R}^n", "α ≤ β ≠ ε, Δ ∈ Rⁿ"],
  ["\\left( \\frac{x}{y} \\right)^2", "( x/y )²"],
  ["\\text{if } x \\text{ is } \\mathbf{v}", "if x is v"],
  ["f'(x)", "f′(x)"],
  ["\\{1, 2\\} \\quad 50\\%", "{1, 2} 50%"],
])("%j reads %j", (tex, text) => {
  expect(readableTex(tex)).toBe(text);
});

test.each([
  "\\begin{pmatrix} 1 & 0 \\end{pmatrix}",
  "\\begin{cases} 1 \\\\ 0 \\end{cases}",
  "\\underbrace{x}_{n}",
  "\\hat{x}",
  "\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}",
  "\\unknown",
  "{x",
  "x}",
  "\\frac{1}",
  "x^",
  "^".repeat(100_000),
  "{".repeat(100_000),
  "\\frac".repeat(20_000),
  "",
])("what no line shows is left to code: %j", (tex) => {
  expect(readableTex(tex)).toBeNull();
});
