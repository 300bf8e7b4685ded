import type { Variables } from "../env.ts";
import { systemClock } from "../lib/time.ts";
import type { Address } from "../message/message.ts";
import type { Delivery } from "../platforms/platform.ts";

/** A pending timer keeps an object alive for 15 minutes at most: a longer sleep is several. */
const LONGEST_TIMER_MS = 10 * 60 * 1_000;

/** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= LONGEST_TIMER_MS) {
    await systemClock.sleep(Math.min(left, LONGEST_TIMER_MS), signal);
  }
}

/** The promise's value, or null as soon as the signal is aborted. */
export function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const stop = () => resolve(null);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Shows the platform's sign of work after `afterMs`, and again as often as it needs; call the result to end it. */
export function showWorking(
  working: Delivery["working"],
  address: Address,
  env: Variables,
  afterMs: number,
): () => void {
  if (!working) return () => {};
  let timer = setTimeout(function show() {
    timer = setTimeout(show, working.every_ms);
    void working.show(address, env);
  }, afterMs);
  return () => clearTimeout(timer);
}
