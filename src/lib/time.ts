/** Time and chance, replaceable in tests. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
  /** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener("abort", wake);
    }),
};

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
