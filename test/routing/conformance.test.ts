import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import * as z from "zod";
import { answer } from "../../tools/routes/answer.ts";
import { loadText } from "../../tools/routes/load.ts";
import { parseLine } from "../../tools/routes/question.ts";

const suite = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        model: z.unknown(),
        context: z.unknown(),
        override: z.unknown(),
        expect: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../conformance/routing.json"), "utf8")));

describe("the shared routing cases, each through the real compiler", () => {
  test.each(suite.cases)("$name", ({ model, context, override, expect: expected }) => {
    const { compiled, findings } = loadText(stringify({ model }), "case.yaml");
    expect(findings.filter(({ level }) => level === "error")).toEqual([]);
    const question = parseLine(JSON.stringify({ context, override }));
    if (compiled === null || !question.ok) throw new Error("the case could not be asked");
    const shipped: typeof compiled = JSON.parse(JSON.stringify(compiled));
    expect(answer(shipped, question.value)).toMatchObject(expected);
  });

  test("there are all of them", () => {
    expect(suite.cases.length).toBeGreaterThanOrEqual(32);
  });
});
