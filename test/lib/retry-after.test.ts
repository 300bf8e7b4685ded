import { expect, test } from "vitest";
import { retryAfter } from "../../src/lib/retry-after.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");

test.each<[{ [name: string]: string }, number | null]>([
  [{}, null],
  [{ "retry-after": "7" }, 7_000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after": "Mon, 23 Nov 2026 12:00:09 GMT" }, 9_000],
  [{ "retry-after": "Mon, 23 Nov 2026 11:00:00 GMT" }, 0],
  [{ "retry-after": "soon" }, null],
  [{ "retry-after": "-3" }, null],
  [{ "retry-after-ms": "250", "retry-after": "7" }, 250],
  [{ "retry-after-ms": "", "retry-after": "7" }, 7_000],
])("%j asks to wait %s ms", (headers, expected) => {
  expect(retryAfter(new Headers(headers), NOW)).toBe(expected);
});
