import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ThinkFilter } from "../../src/inference/think.ts";

function filtered(pieces: readonly string[]): string {
  const filter = new ThinkFilter();
  return pieces.map((piece) => filter.feed(piece)).join("") + filter.end();
}

describe("reasoning between think tags", () => {
  test.each([
    ["Hello", "Hello"],
    ["<think>hm</think>Hello", "Hello"],
    ["\n <think>\nhm\n</think>\n\nHello", "Hello"],
    ["<think></think>\n\n<think>more</think>Hello", "Hello"],
    ["<think>never closed", ""],
    ["<think>if (a < b) </thin k></think>Yes", "Yes"],
    // Only at the start: afterwards it is something that the user asked about.
    ["Write `<think>` first, then `</think>`.", "Write `<think>` first, then `</think>`."],
    ["<think>hm</think>Use <think>x</think> here", "Use <think>x</think> here"],
    ["<thinker> is a tag", "<thinker> is a tag"],
    ["<b>bold</b>", "<b>bold</b>"],
    ["<thi", "<thi"],
    ["", ""],
  ])("%j gives %j", (text, expected) => {
    expect(filtered([text])).toBe(expected);
  });

  test("is the same however the stream is cut", () => {
    const part = fc.constantFrom("<think>", "</think>", "<", "</", "think>", " \n", "a", "hm <b>", "<thi");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(60)), (parts, cuts) => {
        const text = parts.join("");
        const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((place, i) => text.slice(places[i], place));
        expect(filtered(pieces)).toBe(filtered([text]));
      }),
    );
  });
});
