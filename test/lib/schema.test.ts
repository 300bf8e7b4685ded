import * as v from "valibot";
import { expect, test } from "vitest";
import { int, lenient, number, parsed, parsedJson } from "../../src/lib/schema.ts";

test.each([
  ["0", 0],
  ["-1.5", -1.5],
  ["9007199254740993", 9007199254740992],
  ["1e999", null],
  ["-1e999", null],
  ['"1"', null],
  ["null", null],
])("%s as a number is %j: what JSON reads as Infinity is none", (json, value) => {
  expect(parsedJson(number, json)).toBe(value);
});

test.each([
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["-9007199254740991", Number.MIN_SAFE_INTEGER],
  ["1.0", 1],
  ["9007199254740992", null],
  ["-9007199254740992", null],
  ["1e999", null],
  ["1.5", null],
  ['"1"', null],
])("%s as an integer is %j: one that a number does not hold exactly is none", (json, value) => {
  expect(parsedJson(int, json)).toBe(value);
});

test("NaN is neither", () => {
  expect([parsed(number, Number.NaN), parsed(int, Number.NaN)]).toEqual([null, null]);
});

test("unknown fields are left out, a field that must be there is missed", () => {
  const schema = v.object({ a: v.string(), b: v.optional(v.string()) });
  expect(parsedJson(schema, '{"a":"x","c":1}')).toStrictEqual({ a: "x" });
  expect(parsedJson(schema, '{"b":"x"}')).toBeNull();
});

test.each([
  ['{"a":"x"}', { a: "x" }],
  ["{}", {}],
  ['{"a":null}', { a: undefined }],
  ['{"a":{"b":[]}}', { a: undefined }],
])("a lenient field of %s that does not fit counts as absent", (json, value) => {
  expect(parsedJson(v.object({ a: lenient(v.string()) }), json)).toStrictEqual(value);
});

test("one odd part makes all of a lenient field absent, and nothing else", () => {
  const schema = v.object({ list: lenient(v.array(v.object({ id: int }))), rest: v.string() });
  expect(parsed(schema, { list: [{ id: 1 }, { id: 1.5 }], rest: "x" })).toEqual({ rest: "x" });
});

test.each([undefined, null, "", "{", new Uint8Array([0xff])])("%j is no JSON, and never throws", (json) => {
  expect(parsedJson(v.unknown(), json)).toBeUndefined();
  expect(parsedJson(v.object({}), json)).toBeNull();
});
