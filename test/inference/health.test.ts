import { describe, expect, test } from "vitest";
import { Health } from "../../src/inference/health.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { bundleOf } from "./setup.ts";

const first = bundleOf("https://first.example/v1");
const next = bundleOf("https://next.example/v1");

describe("an endpoint that failed", () => {
  test("is trusted again after one answer", () => {
    const memory = new Health();
    for (let i = 0; i < 3; i++) memory.record(first, "timeout", 0);
    expect(memory.order([first, next], 1)).toEqual([1, 0]);
    memory.record(first, "answered", 2);
    memory.record(first, "timeout", 3);
    expect(memory.order([first, next], 4)).toEqual([0, 1]);
  });

  test("is not blamed for a wrong key or a rejected request", () => {
    const memory = new Health();
    for (const reason of ["unauthorized", "rejected", "too_long", "missing_secret", "aborted"] as const) {
      for (let i = 0; i < 3; i++) memory.record(first, reason, 0);
    }
    expect(memory.order([first, next], 1)).toEqual([0, 1]);
  });

  test("fails for its own account only: each key, and each header, is another", () => {
    const memory = new Health();
    const account = (fields: Partial<Bundle>) => bundleOf("https://first.example/v1", fields);
    const stranger = account({ api_key: "${STRANGER_KEY}" });
    for (let i = 0; i < 3; i++) memory.record(stranger, "rate_limited", 0);
    expect(memory.order([stranger, next], 1)).toEqual([1, 0]);
    for (const other of [{}, { api_key: "${STRANGER_KEY}", headers: { "x-team": "${TEAM}" } }]) {
      expect(memory.order([account(other), next], 1)).toEqual([0, 1]);
    }
  });

  test("is forgotten when too many others have failed since", () => {
    const memory = new Health();
    for (let i = 0; i < 3; i++) memory.record(first, "timeout", 0);
    for (let i = 0; i < 300; i++) memory.record(bundleOf(`https://${i}.example/v1`), "timeout", 1);
    expect(memory.order([first, next], 2)).toEqual([0, 1]);
  });
});
