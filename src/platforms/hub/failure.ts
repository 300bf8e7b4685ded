/** Why a request of Hub gave nothing usable. */
export interface HubFailure {
  /**
   * `bad_address`: HUB_BASE_URL is none that may be called; `not_sent`: the runtime sent nothing, because the
   * invocation has used up its requests; `refused`: Hub, or what stands in front of it, answered another status than 200.
   */
  readonly reason:
    | "bad_address"
    | "not_sent"
    | "unreachable"
    | "timeout"
    | "refused"
    | "malformed"
    | "too_large";
  /** HTTP status, where there was one. */
  readonly status?: number | undefined;
  /** What Hub's `Retry-After` asked for. */
  readonly retry_after_ms?: number | undefined;
}

/** A failure in words, for a log line. */
export function describe({ reason, status }: HubFailure, what: string): string {
  return status === undefined ? `${what}: ${reason}` : `${what}: ${reason}, status ${status}`;
}
