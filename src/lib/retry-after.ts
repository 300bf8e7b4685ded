/**
 * Milliseconds that a response's `Retry-After` asks to wait (RFC 9110: whole seconds, or an HTTP date); null
 * where it asks for none that can be read. `retry-after-ms`, which OpenAI's servers send, is more exact.
 */
export function retryAfter(headers: Headers, now: number): number | null {
  const ms = number(headers.get("retry-after-ms"));
  if (ms !== null) return ms;
  const value = headers.get("retry-after");
  const seconds = number(value);
  if (seconds !== null) return Math.ceil(seconds * 1_000);
  // Date.parse reads "-3" as a year.
  const date = value !== null && /^[A-Z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function number(value: string | null): number | null {
  const parsed = value === null || value.trim() === "" ? Number.NaN : Number(value);
  return Number.isFinite(parsed) && parsed >= 0 ? parsed : null;
}
