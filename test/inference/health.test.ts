import { describe, expect, it } from "vitest";
import { Health } from "../../src/inference/health.ts";
import { bundleOf } from "./setup.ts";

const first = bundleOf("https://first.example/v1");
const next = bundleOf("https://next.example/v1");

describe("an endpoint that failed", () => {
  it("is trusted again after one answer", () => {
    const memory = new Health();
    for (let i = 0; i < 3; i++) memory.record(first, "timeout", 0);
    expect(memory.order([first, next], 1)).toEqual([1, 0]);
    memory.record(first, "answered", 2);
    memory.record(first, "timeout", 3);
    expect(memory.order([first, next], 4)).toEqual([0, 1]);
  });

  it("is not blamed for a wrong key or a rejected request", () => {
    const memory = new Health();
    for (const reason of ["unauthorized", "rejected", "too_long", "missing_secret", "aborted"] as const) {
      for (let i = 0; i < 3; i++) memory.record(first, reason, 0);
    }
    expect(memory.order([first, next], 1)).toEqual([0, 1]);
  });

  it("is forgotten when too many others have failed since", () => {
    const memory = new Health();
    for (let i = 0; i < 3; i++) memory.record(first, "timeout", 0);
    for (let i = 0; i < 300; i++) memory.record(bundleOf(`https://${i}.example/v1`), "timeout", 1);
    expect(memory.order([first, next], 2)).toEqual([0, 1]);
  });
});
