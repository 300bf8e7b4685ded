import type { Clock } from "../lib/time.ts";
import { INFERENCE_ERRORS } from "./errors.ts";
import type { Failure } from "./failure.ts";
import {
  BACKOFF_MS,
  MAX_BACKOFF_MS,
  MAX_RETRIES,
  MAX_RETRIES_AFTER_TEXT,
  MAX_RETRY_AFTER_MS,
} from "./limits.ts";

/** Whether to ask the same endpoint again, and after how many milliseconds; otherwise why not. */
export type RetryDecision =
  | { readonly retry: true; readonly wait_ms: number }
  | { readonly retry: false; readonly because: "final" | "shown" | "tries" | "asked_to_wait" | "time" };

export interface RetryState {
  /** Requests sent so far. */
  readonly tries: number;
  /** Some answer text had arrived, */
  readonly partial: boolean;
  /** and may stand before the user's eyes for good. */
  readonly shown: boolean;
  /** Milliseconds left of the call's total limit. */
  readonly remaining_ms: number;
}

/** Pure: the same failure, state and chance give the same decision. Backoff as OpenAI's own clients do it. */
export function decideRetry(failure: Failure, state: RetryState, random: Clock["random"]): RetryDecision {
  if (!(failure.retry ?? INFERENCE_ERRORS[failure.reason].retry)) return { retry: false, because: "final" };
  if (state.partial && state.shown) return { retry: false, because: "shown" };
  const most = state.partial ? MAX_RETRIES_AFTER_TEXT : MAX_RETRIES;
  if (state.tries > most) return { retry: false, because: "tries" };
  const asked = failure.retry_after_ms;
  if (asked !== undefined && asked > MAX_RETRY_AFTER_MS) return { retry: false, because: "asked_to_wait" };
  const backoff = Math.min(BACKOFF_MS * 2 ** (state.tries - 1), MAX_BACKOFF_MS) * (1 - random() * 0.25);
  const wait_ms = Math.round(asked ?? backoff);
  return wait_ms < state.remaining_ms ? { retry: true, wait_ms } : { retry: false, because: "time" };
}

/** `x-should-retry`, `retry-after-ms`, then `retry-after` (seconds or an HTTP date), as OpenAI's clients read them. */
export function retryHeaders(headers: Headers, now: number): { retry?: boolean; retry_after_ms?: number } {
  const should = headers.get("x-should-retry");
  const wait = retryAfter(headers, now);
  return {
    ...(should === "true" || should === "false" ? { retry: should === "true" } : {}),
    ...(wait === null ? {} : { retry_after_ms: wait }),
  };
}

function retryAfter(headers: Headers, now: number): number | null {
  const ms = number(headers.get("retry-after-ms"));
  if (ms !== null) return ms;
  const value = headers.get("retry-after");
  const seconds = number(value);
  if (seconds !== null) return seconds * 1000;
  // Date.parse reads "-3" as a year.
  const date = value !== null && /^[A-Z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function number(value: string | null): number | null {
  const parsed = value === null || value.trim() === "" ? Number.NaN : Number(value);
  return Number.isFinite(parsed) && parsed >= 0 ? parsed : null;
}
