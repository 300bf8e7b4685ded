import * as v from "valibot";
import { addUsage, NO_USAGE } from "../inference/answer.ts";
import type { Attempt, ChainAnswer, ChainError, Usage } from "../inference/types.ts";
import type { Fields } from "../lib/log.ts";
import { own } from "../lib/own.ts";
import type { Result } from "../lib/result.ts";
import { number } from "../lib/schema.ts";
import type { UsableResolution } from "../routing/resolve.ts";
import { describeRoute } from "../routing/route.ts";
import type { Price } from "../routing/types.ts";

const count = v.nullable(number);

/** What one call of the model came to and used: the session's accounts and the log line derive from it. */
export const TurnRecord = v.object({
  /** The model that answered, or was asked first where none did. */
  model: v.string(),
  route: v.string(),
  /** `ok`, or why there was no answer. */
  outcome: v.string(),
  /** Every bundle that was tried and what came of it; null where the first answered at once. */
  attempts: v.nullable(v.string()),
  fallback: v.boolean(),
  /** Requests sent, to all endpoints together. */
  tries: number,
  /** Tokens, as the endpoints counted them; null where they did not say. */
  usage: v.object({ input: count, output: count, cached: count, reasoning: count }),
  /** Milliseconds from the call to the first token of the answer. */
  first_token_ms: count,
  total_ms: number,
  /** In the currency of `prices:`; null where there is no price for any of these models. */
  cost: count,
});
export type TurnRecord = Readonly<v.InferOutput<typeof TurnRecord>>;

/** The record of a call, from what was resolved and what came of it. Pure. */
export function recordOf(
  resolution: UsableResolution,
  result: Result<ChainAnswer, ChainError>,
  total_ms: number,
  prices: { readonly [model: string]: Price } = {},
): TurnRecord {
  const answer = result.ok ? result.value : null;
  const { attempts } = result.ok ? result.value : result.error;
  // A route that is left out and still named has handed over to a fallback of its own.
  const gaveWay = resolution.route !== null && resolution.skipped.some(({ layer }) => layer === "route");
  // Failed attempts are paid for too, each at its own model's price.
  const costs = attempts.flatMap(({ usage, model }) => costOf(usage, own(prices, model)) ?? []);
  return {
    model: (answer?.bundle ?? resolution.bundle).model,
    route: describeRoute(resolution.route),
    outcome: result.ok ? "ok" : result.error.reason,
    attempts: describeAttempts(attempts),
    fallback: answer !== null && (answer.index > 0 || gaveWay),
    tries: attempts.reduce((sum, { tries }) => sum + tries, 0),
    usage: attempts.map(({ usage }) => usage).reduce(addUsage, NO_USAGE),
    first_token_ms: sinceStart(answer?.first_token_ms, attempts),
    total_ms,
    cost: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost),
  };
}

/** A record's part of the log line. */
export function fieldsOf(record: TurnRecord): Fields {
  return {
    model: record.model,
    attempts: record.attempts ?? undefined,
    fallback: record.fallback,
    inference_ms: record.total_ms,
    first_token_ms: record.first_token_ms,
    tokens_in: record.usage.input,
    tokens_cached: record.usage.cached ?? undefined,
    tokens_out: record.usage.output,
  };
}

/** What a turn costs at this price (per million tokens); null without a price. Unknown counts are none. */
function costOf(usage: Usage, price: Price | undefined): number | null {
  if (!price) return null;
  const cached = usage.cached ?? 0;
  const fresh = Math.max(0, (usage.input ?? 0) - cached);
  return (
    (fresh * price.input + cached * (price.cached ?? price.input) + (usage.output ?? 0) * price.output) / 1e6
  );
}

/** The first token's time, counted from the chain's call and not from the attempt that had it. */
function sinceStart(first_token_ms: number | null | undefined, attempts: readonly Attempt[]): number | null {
  if (first_token_ms === null || first_token_ms === undefined) return null;
  return attempts.slice(0, -1).reduce((sum, { ms }) => sum + ms, first_token_ms);
}

/**
 * `model@host: unavailable 503 x3` for each bundle tried, in the order tried; nothing where the primary answered
 * at once. A primary that keeps failing is tried last, so it may not be among them.
 */
function describeAttempts(attempts: readonly Attempt[]): string | null {
  const [first] = attempts;
  if (first?.index === 0 && first.outcome === "answered" && first.tries <= 1) return null;
  const tried = attempts.map(({ model, host, outcome, status, tries }) =>
    [`${model}@${host}:`, outcome, status, `x${tries}`].filter((part) => part !== undefined).join(" "),
  );
  const passedOver = attempts.some(({ index }) => index === 0)
    ? []
    : ["the primary, failing of late, comes last"];
  return [...tried, ...passedOver].join("; ");
}
