import { expect, test } from "vitest";
import * as additions from "./additions.ts";
import { grown } from "./setup.ts";

const copy = grown(...Object.values(additions));

test("one of everything that can be added needs no other change to hold its types", () => {
  expect(copy.types()).toBe("");
});
