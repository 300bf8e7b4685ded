import { Recent } from "../lib/recent.ts";
import type { Bundle } from "../routing/types.ts";
import { INFERENCE_ERRORS, type InferenceErrorReason } from "./errors.ts";
import { MAX_REMEMBERED, UNHEALTHY_AFTER, UNHEALTHY_MS } from "./limits.ts";

/**
 * What an isolate remembers of endpoints that fail, so that a dead primary does not cost every user its
 * timeout. Best effort: another isolate has to learn it for itself, and a restart forgets it.
 */
export class Health {
  readonly #failing = new Recent<string, { readonly failures: number; readonly last: number }>(
    MAX_REMEMBERED,
  );

  /** Takes an outcome into account. */
  record(bundle: Bundle, outcome: "answered" | InferenceErrorReason, now: number): void {
    const key = keyOf(bundle);
    if (outcome === "answered") this.#failing.delete(key);
    else if (INFERENCE_ERRORS[outcome].unhealthy) {
      this.#failing.set(key, { failures: (this.#failing.get(key)?.failures ?? 0) + 1, last: now });
    }
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

/**
 * One model of an endpoint may be overloaded where another is not, and one account used up where another is not:
 * strangers must not move an owner, who has a key of his own, to the fallback. Everything as written in the routes
 * file: no secret is read for it, and the key is never logged.
 */
const keyOf = ({ provider, base_url, model, api_key, headers }: Bundle): string =>
  JSON.stringify([provider, base_url, model, api_key, headers]);

/** The isolate's memory. */
export const health = new Health();
