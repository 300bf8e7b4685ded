import { expect, test } from "vitest";
import { nearest } from "../../src/text/nearest.ts";

const MODELS = ["claude-opus-5", "claude-haiku-4-5", "fast", "strong"];

test.each([
  ["fsat", "fast"],
  ["Fast", "fast"],
  ["fas", "fast"],
  ["stronk", "strong"],
  ["claud-opus-5", "claude-opus-5"],
  ["claude-haiku-45", "claude-haiku-4-5"],
  ["gpt", null],
  ["", null],
  ["completely-different", null],
])("%j means %j", (name, meant) => {
  expect(nearest(name, MODELS)).toBe(meant);
});

test("the closest of several", () => {
  expect(nearest("modl", ["models", "model", "mode"])).toBe("model");
});
