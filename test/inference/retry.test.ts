import { describe, expect, test } from "vitest";
import { retryHeaders } from "../../src/inference/http/response.ts";
import { decideRetry } from "../../src/inference/retry.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const state = { tries: 1, partial: false, remaining_ms: 60_000 };
const unavailable = { reason: "unavailable", detail: "" } as const;

describe("the wait before a retry", () => {
  test("doubles from half a second, with jitter that only shortens it", () => {
    expect(decideRetry(unavailable, state, () => 0)).toEqual({ retry: true, wait_ms: 500 });
    expect(decideRetry(unavailable, { ...state, tries: 2 }, () => 0)).toEqual({ retry: true, wait_ms: 1000 });
    expect(decideRetry(unavailable, state, () => 0.999)).toMatchObject({ wait_ms: 375 });
  });

  test("is what the endpoint asks for, up to twenty seconds", () => {
    const asking = (retry_after_ms: number) => ({ ...unavailable, retry_after_ms });
    expect(decideRetry(asking(20_000), state, () => 0)).toEqual({ retry: true, wait_ms: 20_000 });
    expect(decideRetry(asking(20_001), state, () => 0)).toEqual({ retry: false, because: "asked_to_wait" });
  });

  test("must end before the call's total limit", () => {
    expect(decideRetry(unavailable, { ...state, remaining_ms: 500 }, () => 0)).toEqual({
      retry: false,
      because: "time",
    });
  });
});

describe("no retry", () => {
  test.each([
    ["final", { reason: "unauthorized", detail: "" } as const, state],
    ["tries", unavailable, { ...state, tries: 3 }],
    ["tries", unavailable, { ...state, tries: 2, partial: true }],
    ["final", { ...unavailable, retry: false }, state],
  ])("because: %s", (because, failure, given) => {
    expect(decideRetry(failure, given, () => 0)).toEqual({ retry: false, because });
  });
});

describe("what an endpoint says of retrying", () => {
  test.each<[{ [name: string]: string }, object]>([
    [{}, {}],
    [{ "retry-after": "7" }, { retry_after_ms: 7000 }],
    [{ "retry-after-ms": "250", "retry-after": "7" }, { retry_after_ms: 250 }],
    [{ "x-should-retry": "true" }, { retry: true }],
    [{ "x-should-retry": "false" }, { retry: false }],
  ])("%j", (headers, expected) => {
    expect(retryHeaders(new Headers(headers), NOW)).toEqual(expected);
  });
});
