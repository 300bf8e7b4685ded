import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonSchema } from "../../tools/routes/schema.ts";
import { fixture } from "./run.ts";

const ROOT = join(import.meta.dirname, "../..");

test("the editors' schema is the one that the check goes by (else: npm run schema)", () => {
  expect(readFileSync(join(ROOT, "schema/routes.schema.json"), "utf8")).toBe(jsonSchema());
});

test("the shipped file names it, and it is there", () => {
  const [first] = readFileSync(fixture("shipped.yaml"), "utf8").split("\n");
  expect(first).toBe("# yaml-language-server: $schema=./schema/routes.schema.json");
});

test("it knows every key by name and says what it is for", () => {
  const schema: { properties: Record<string, { description?: string }>; additionalProperties: boolean } =
    JSON.parse(jsonSchema());
  expect(schema.additionalProperties).toBe(false);
  for (const [name, { description }] of Object.entries(schema.properties))
    expect(description, name).toBeTruthy();
  expect(schema.properties).toHaveProperty("prices");
});

test("editors offer what a match, a route and the model block may have", () => {
  const text = jsonSchema();
  for (const key of ["modality", "split", "tell_fallback", "images"]) expect(text).toContain(`"${key}": {`);
  expect(text.replace(/\s+/g, "")).toContain('["text","image","voice","document"]');
});

test("the schema is one that editors take: no list of items is empty, as draft 7 has it", () => {
  expect(jsonSchema()).not.toMatch(/"(items|anyOf|allOf|oneOf|enum)": \[\s*\]/);
});
