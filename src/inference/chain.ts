import { fail, ok, type Result } from "../lib/result.ts";
import { type Clock, systemClock } from "../lib/time.ts";
import type { Bundle } from "../routing/types.ts";
import { NO_USAGE } from "./answer.ts";
import { INFERENCE_ERRORS } from "./errors.ts";
import { type Health, health } from "./health.ts";
import { hostOf } from "./http/endpoint.ts";
import { infer } from "./infer.ts";
import { CHAIN_MS } from "./limits.ts";
import type { Attempt, ChainAnswer, ChainError, InferenceError, InferenceRequest } from "./types.ts";

/**
 * Asks the bundles in turn until one answers; each with its own address, key and model, never mixed.
 * The next is asked on the conditions of `INFERENCE_ERRORS`. Scoped to this call: the next turn begins with the
 * first again, unless that keeps failing (see `Health`). Over within `CHAIN_MS`, whatever the bundles' own limits
 * add up to. Throws only on a bug.
 * @example
 * const result = await inferWithFallbacks([bundle, ...fallbacks], { messages, signal, env });
 * if (result.ok && result.value.index > 0) log("warn", "fallback", { model: result.value.bundle.model });
 */
export async function inferWithFallbacks(
  bundles: readonly Bundle[],
  request: Omit<InferenceRequest, "bundle">,
  clock: Clock = systemClock,
  memory: Health = health,
): Promise<Result<ChainAnswer, ChainError>> {
  const latest = clock.now() + CHAIN_MS;
  const attempts: Attempt[] = [];
  const errors: InferenceError[] = [];
  for (const index of memory.order(bundles, clock.now())) {
    const bundle = bundles[index];
    if (bundle === undefined) continue;
    const started = clock.now();
    const result = await infer({ ...request, bundle }, latest, clock);
    const now = clock.now();
    const outcome = result.ok ? "answered" : result.error.reason;
    const { usage, tries } = result.ok ? result.value : result.error;
    memory.record(bundle, outcome, now);
    attempts.push({
      index,
      model: bundle.model,
      host: hostOf(bundle),
      outcome,
      status: result.ok ? undefined : result.error.status,
      detail: result.ok ? "" : result.error.detail,
      usage,
      ms: now - started,
      tries,
    });
    if (result.ok) return ok({ ...result.value, bundle, index, attempts });
    errors.push(result.error);
    if (!INFERENCE_ERRORS[result.error.reason].fallback || now >= latest) break;
    if (result.error.partial) request.live?.("");
  }
  return fail({ ...mostTelling(errors), attempts });
}

/**
 * The error to tell: what ended the chain if asking another endpoint would not have helped, else the
 * first that will pass by itself ("busy"), else the last.
 */
function mostTelling(errors: readonly InferenceError[]): InferenceError {
  const last = errors.at(-1);
  if (last === undefined) {
    return { reason: "bad_config", detail: "no endpoint", usage: NO_USAGE, tries: 0, partial: false };
  }
  if (!INFERENCE_ERRORS[last.reason].fallback) return last;
  return errors.find(({ reason }) => INFERENCE_ERRORS[reason].unhealthy) ?? last;
}
