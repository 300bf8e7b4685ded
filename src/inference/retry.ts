import type { Clock } from "../lib/time.ts";
import { INFERENCE_ERRORS } from "./errors.ts";
import {
  BACKOFF_MS,
  MAX_BACKOFF_MS,
  MAX_RETRIES,
  MAX_RETRIES_AFTER_TEXT,
  MAX_RETRY_AFTER_MS,
} from "./limits.ts";
import type { Failure } from "./types.ts";

/** Whether the same endpoint is asked again, and after how many milliseconds; otherwise why not. */
export type NextTry =
  | { readonly retry: true; readonly wait_ms: number }
  | { readonly retry: false; readonly because: "final" | "tries" | "asked_to_wait" | "time" };

export interface RetryState {
  /** Requests sent so far. */
  readonly tries: number;
  /** Some answer text had arrived. */
  readonly partial: boolean;
  /** Milliseconds left of the call's total limit. */
  readonly remaining_ms: number;
}

/** Pure: the same failure, state and chance give the same decision. Backoff as OpenAI's own clients do it. */
export function decideRetry(failure: Failure, state: RetryState, random: Clock["random"]): NextTry {
  if (!(failure.retry ?? INFERENCE_ERRORS[failure.reason].retry)) return { retry: false, because: "final" };
  const most = state.partial ? MAX_RETRIES_AFTER_TEXT : MAX_RETRIES;
  if (state.tries > most) return { retry: false, because: "tries" };
  const asked = failure.retry_after_ms;
  if (asked !== undefined && asked > MAX_RETRY_AFTER_MS) return { retry: false, because: "asked_to_wait" };
  const backoff = Math.min(BACKOFF_MS * 2 ** (state.tries - 1), MAX_BACKOFF_MS) * (1 - random() * 0.25);
  const wait_ms = Math.round(asked ?? backoff);
  return wait_ms < state.remaining_ms ? { retry: true, wait_ms } : { retry: false, because: "time" };
}
