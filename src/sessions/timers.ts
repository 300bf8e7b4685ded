import type { Env } from "../env.ts";
import type { Address, Delivery } from "../platforms/platform.ts";

/** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}

/** Shows the platform's sign of work after `afterMs`, and again as often as it needs; call the result to end it. */
export function showWorking(
  working: Delivery["working"],
  address: Address,
  env: Env,
  afterMs: number,
): () => void {
  if (!working) return () => {};
  let timer = setTimeout(function show() {
    timer = setTimeout(show, working.every_ms);
    void working.show(address, env);
  }, afterMs);
  return () => clearTimeout(timer);
}
