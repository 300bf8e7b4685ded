import { expect, test } from "vitest";
import { afterFailure, backoff } from "../../src/sessions/deliver.ts";
import { MAX_RATE_LIMIT_WAITS, MAX_SEND_TRIES } from "../../src/sessions/limits.ts";

const retry = (after_ms?: number) => ({ kind: "retry" as const, detail: "429", after_ms });

test("a pause that the platform asks for is kept to the millisecond, and is no failure", () => {
  expect(afterFailure(retry(7_000), { failures: 0, uncertain: 0, waits: 1 })).toEqual({
    kind: "wait",
    wait_ms: 7_000,
  });
  expect(
    afterFailure(retry(7_000), { failures: 0, uncertain: 0, waits: MAX_RATE_LIMIT_WAITS }),
  ).toMatchObject({
    kind: "wait",
  });
});

test("a send that fails is tried again after doubling pauses, and given up in the end", () => {
  expect([1, 2, 3, 7, 20].map(backoff)).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
  expect(afterFailure(retry(), { failures: 2, uncertain: 0, waits: 0 })).toEqual({
    kind: "wait",
    wait_ms: 2_000,
  });
  expect(afterFailure(retry(), { failures: MAX_SEND_TRIES, uncertain: 0, waits: 0 })).toEqual({
    kind: "give_up",
  });
});

test("what the platform will never take, and a wait of a day, end at once", () => {
  expect(afterFailure({ kind: "failed", detail: "403" }, { failures: 1, uncertain: 0, waits: 0 })).toEqual({
    kind: "give_up",
  });
  expect(afterFailure(retry(24 * 3_600_000), { failures: 0, uncertain: 0, waits: 1 })).toEqual({
    kind: "give_up",
  });
  expect(afterFailure(retry(1_000), { failures: 0, uncertain: 0, waits: MAX_RATE_LIMIT_WAITS + 1 })).toEqual({
    kind: "give_up",
  });
});

test("a send that may have been shown after all is repeated once, not eight times", () => {
  const lost = { kind: "retry", detail: "connection lost", uncertain: true } as const;
  expect(afterFailure(lost, { failures: 1, uncertain: 1, waits: 0 })).toEqual({
    kind: "wait",
    wait_ms: 1_000,
  });
  expect(afterFailure(lost, { failures: 2, uncertain: 2, waits: 0 })).toEqual({ kind: "give_up" });
});
