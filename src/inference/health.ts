import type { Bundle } from "../routing/types.ts";
import { INFERENCE_ERRORS } from "./errors.ts";
import { MAX_REMEMBERED, UNHEALTHY_AFTER, UNHEALTHY_MS } from "./limits.ts";
import type { InferenceErrorReason } from "./types.ts";

/**
 * What an isolate remembers of endpoints that fail, so that a dead primary does not cost every user its
 * timeout. Best effort: another isolate has to learn it for itself, and a restart forgets it.
 */
export class Health {
  readonly #failing = new Map<string, { failures: number; last: number }>();

  /** Takes an outcome into account. */
  record(bundle: Bundle, outcome: "answered" | InferenceErrorReason, now: number): void {
    const key = keyOf(bundle);
    if (outcome === "answered") {
      this.#failing.delete(key);
      return;
    }
    if (!INFERENCE_ERRORS[outcome].unhealthy) return;
    const failures = (this.#failing.get(key)?.failures ?? 0) + 1;
    // Deleted first, so that the map stays in the order of the last failure.
    this.#failing.delete(key);
    const oldest = this.#failing.keys().next();
    if (this.#failing.size >= MAX_REMEMBERED && !oldest.done) this.#failing.delete(oldest.value);
    this.#failing.set(key, { failures, last: now });
  }

  /** The places of the bundles in the order to try them: as given, but failing endpoints last. */
  order(bundles: readonly Bundle[], now: number): number[] {
    const places = bundles.map((_, index) => index);
    return places
      .filter((index) => this.#isHealthy(bundles[index], now))
      .concat(places.filter((index) => !this.#isHealthy(bundles[index], now)));
  }

  #isHealthy(bundle: Bundle | undefined, now: number): boolean {
    const record = bundle && this.#failing.get(keyOf(bundle));
    return !record || record.failures < UNHEALTHY_AFTER || now - record.last >= UNHEALTHY_MS;
  }
}

/** An endpoint is an address and a model: one model may be overloaded where another is not. */
const keyOf = (bundle: Bundle): string => `${bundle.provider} ${bundle.base_url} ${bundle.model}`;

/** The isolate's memory. */
export const health = new Health();
