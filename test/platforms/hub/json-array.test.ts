import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Element } from "../../../src/platforms/hub/element-buffer.ts";
import { ArraySplitter } from "../../../src/platforms/hub/json-array.ts";

const ROOMY = { field_bytes: 1_000_000, element_bytes: 1_000_000 };

/** The elements that come of a text that arrives in pieces of so many bytes. */
function split(text: string, limits = ROOMY, piece_bytes = 7): { elements: Element[]; done: boolean } {
  const array = new ArraySplitter("messages", limits);
  const bytes = new TextEncoder().encode(text);
  const elements: Element[] = [];
  for (let from = 0; from < bytes.length; from += piece_bytes) {
    elements.push(...array.push(bytes.subarray(from, from + piece_bytes)));
  }
  return { elements, done: array.done };
}
const values = (text: string, limits = ROOMY) => split(text, limits).elements.map(({ value }) => value);

describe("the elements of an array", () => {
  test("are those that JSON.parse finds, whatever they are and however the text is cut", () => {
    const others = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        others,
        fc.integer({ min: 1, max: 40 }),
        fc.nat(2),
        (list, rest, piece, space) => {
          const text = JSON.stringify({ ...rest, messages: list }, null, space);
          const { elements, done } = split(text, ROOMY, piece);
          expect(elements).toEqual(
            JSON.parse(text).messages.map((value: unknown) => ({ value, cut: false })),
          );
          expect(done).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["no text at all", ""],
    ["a page", "<html>[1, 2]</html>"],
    ["a bare list", "[1, 2]"],
    ["another name", '{"message": [1], "messages2": [2]}'],
    ["the name as a value", '{"a": "messages", "b": [1]}'],
    ["the name further in", '{"a": {"messages": [1]}, "messages": {"x": [1]}}'],
    ["no list", '{"messages": "[1, 2]"}'],
  ])("are none in %s", (_name, text) => {
    expect(split(text)).toEqual({ elements: [], done: false });
  });

  test("come as far as the text does", () => {
    expect(split('{"messages": [{"id": "a"}, {"id": "b"}, {"id"')).toEqual({
      elements: [
        { value: { id: "a" }, cut: false },
        { value: { id: "b" }, cut: false },
      ],
      done: false,
    });
  });

  test("that are no JSON are undefined, and do not hide the next", () => {
    expect(values('{"messages": [{"id": }, {"id": "b"}, nonsense, 3]}')).toEqual([
      undefined,
      { id: "b" },
      undefined,
      3,
    ]);
  });
});

describe("what is too large", () => {
  const limits = { field_bytes: 100, element_bytes: 300 };
  const long = "x".repeat(150);

  test.each([
    ["a text", { message: long, id: "a" }, { message: "", id: "a" }],
    ["a text of quotes and brackets", { message: '"]}'.repeat(60), id: "a" }, { message: "", id: "a" }],
    ["an object", { message: { text: long, id: "b" }, id: "a" }, { message: null, id: "a" }],
    ["a list", { message: [long, [long]], id: "a" }, { message: null, id: "a" }],
    ["a list of little", { message: Array(150).fill(1), id: "a" }, { message: null, id: "a" }],
    ["a name", { [long]: 1, id: "a" }, { "": 1, id: "a" }],
    ["a bare text", long, ""],
    ["a bare list", [long], null],
  ])("in an element, %s, is left out, and the rest of it stays", (_name, element, kept) => {
    const text = JSON.stringify({ messages: [{ id: "before" }, element, { id: "after" }] });
    for (const piece of [1, 7, 1_000]) {
      expect(split(text, limits, piece).elements).toEqual([
        { value: { id: "before" }, cut: false },
        { value: kept, cut: true },
        { value: { id: "after" }, cut: false },
      ]);
    }
  });

  test("as a whole is skipped", () => {
    const wide = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`field${i}`, i]));
    expect(values(JSON.stringify({ messages: [wide, { id: "after" }] }), limits)).toEqual([
      undefined,
      { id: "after" },
    ]);
  });

  test("is not kept in memory: 64 MB of one message", () => {
    const array = new ArraySplitter("messages", limits);
    const encoder = new TextEncoder();
    const elements = [...array.push(encoder.encode('{"messages": [{"message": "'))];
    const piece = encoder.encode("x".repeat(1024 * 1024));
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 64; i++) elements.push(...array.push(piece));
    expect(process.memoryUsage().rss - before).toBeLessThan(16 * 1024 * 1024);
    elements.push(...array.push(encoder.encode('", "id": "a"}]}')));
    expect(elements).toEqual([{ value: { message: "", id: "a" }, cut: true }]);
  });
});
