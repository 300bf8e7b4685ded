import { expect, test } from "vitest";
import { codeFile } from "../../src/text/code-file.ts";

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
  const file = codeFile("print(1)\n", language);
  expect(file.name).toBe(name);
  expect(await file.text()).toBe("print(1)\n");
});
