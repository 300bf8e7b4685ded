import { expect, test } from "vitest";
import { Recent } from "../../src/lib/recent.ts";

test("the entry that was set longest ago makes room, and setting one again makes it the newest", () => {
  const recent = new Recent<string, number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  recent.set("a", 3);
  recent.set("c", 4);
  expect(["a", "b", "c"].map((key) => recent.get(key))).toEqual([3, undefined, 4]);
});

test("an entry that is set again, or was deleted, costs no other its place", () => {
  const recent = new Recent<string, number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  recent.set("b", 3);
  expect(recent.get("a")).toBe(1);
  recent.delete("a");
  recent.set("c", 4);
  expect([recent.get("a"), recent.get("b"), recent.get("c")]).toEqual([undefined, 3, 4]);
});
