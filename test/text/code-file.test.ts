import { expect, test } from "vitest";
import { fileChunk, fileIn } from "../../src/text/code-file.ts";

const CODE = "print(1)\n```\n  print(2)";
const chunkOf = (detail: string) =>
  fileChunk({ text: CODE, spans: [{ type: "pre", detail, from: 0, to: CODE.length }] });

test.each([
  ["python", "answer.py"],
  ["Python", "answer.py"],
  ["go", "answer.go"],
  ["TypeScript", "answer.ts"],
  ["bash", "answer.sh"],
  ["c++", "answer.cpp"],
  ["json", "answer.json"],
  ["text", "answer.txt"],
  ["", "code.txt"],
  ["objective-c", "code.txt"],
  ["..", "code.txt"],
])("code in %j is the file %s", async (language, name) => {
  const { file } = fileIn(chunkOf(language)) ?? {};
  expect(file?.name).toBe(name);
  expect(await file?.text()).toBe(CODE);
});

test("nothing else is a file, a text in the same fence neither", () => {
  expect(fileIn("hello")).toBeNull();
  expect(fileIn(chunkOf("js").slice(1))).toBeNull();
});
