import type { LiveResult, SendResult } from "../platform.ts";
import type { ApiFailure } from "./api.ts";

const PASSING: readonly ApiFailure["reason"][] = [
  "unavailable",
  "gateway",
  "unreachable",
  "timeout",
  "unreadable",
];

/** Whether a failure says nothing against the next try. */
export const passes = ({ reason }: ApiFailure): boolean => PASSING.includes(reason);

/** What follows from a state that is not shown, where the next one makes it good; null where no other would be. */
export function waitAfter(failure: ApiFailure): LiveResult | null {
  const { reason, detail } = failure;
  if (reason === "flood") return { kind: "wait", after_ms: failure.retry_after_ms, detail };
  return passes(failure) ? { kind: "wait", detail: `${reason}: ${detail}` } : null;
}

/** What follows from a failed call that shows nothing twice: it may be repeated as often as need be. */
export function repeatOrFail(method: string, failure: ApiFailure): SendResult {
  const detail = `${method} ${failure.reason}: ${failure.detail}`;
  if (failure.reason === "not_sent") return { kind: "not_sent", detail };
  if (failure.reason === "flood") return { kind: "retry", after_ms: failure.retry_after_ms, detail };
  return { kind: passes(failure) ? "retry" : "failed", detail };
}
