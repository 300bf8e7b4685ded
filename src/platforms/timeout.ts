/**
 * Does `work` with a signal that aborts after `ms` milliseconds, or as soon as `caller` does.
 * Not AbortSignal.timeout: its timer would run on after the work, and keep a Durable Object awake for it.
 */
export async function within<Value>(
  ms: number,
  work: (signal: AbortSignal) => Promise<Value>,
  caller?: AbortSignal,
): Promise<Value> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ms);
  try {
    return await work(caller ? AbortSignal.any([caller, limit.signal]) : limit.signal);
  } finally {
    clearTimeout(timer);
  }
}
