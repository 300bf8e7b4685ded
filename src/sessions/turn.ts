import type { Variables } from "../env.ts";
import { addUsage, NO_USAGE } from "../inference/answer.ts";
import { inferWithFallbacks } from "../inference/chain.ts";
import { FINISH_NOTES, INFERENCE_ERRORS, type InferenceErrorReason } from "../inference/errors.ts";
import type { Attempt, ChatMessage, Image } from "../inference/types.ts";
import type { Fields, Level } from "../lib/log.ts";
import { own } from "../lib/own.ts";
import type { Result } from "../lib/result.ts";
import type { InboundMessage } from "../message/message.ts";
import type { UsableResolution } from "../routing/resolve.ts";
import { describeRoute, routeMessage } from "../routing/route.ts";
import { classify } from "../routing/source.ts";
import type { Bundle, CompiledRoutes, Override } from "../routing/types.ts";
import { PICTURE_REFUSED_LINE, takesImages } from "./attachments.ts";
import { costOf, type TurnRecord } from "./ledger.ts";
import type { TranscriptEntry } from "./store.ts";

export interface TurnInput {
  readonly message: InboundMessage;
  readonly history: readonly TranscriptEntry[];
  readonly override: Override | null;
  readonly routes: CompiledRoutes;
  readonly env: Variables;
  readonly signal: AbortSignal;
  /** Fetches what the message carries beside its text; an error is the line that tells the user. */
  readonly see: (bundle: Bundle) => Promise<Result<readonly Image[], string>>;
}

/**
 * What a turn came to: an answer; a failure, with its reason and the line that tells the user; or a message
 * that this model cannot be shown, and why. `record` is for the session's accounts (null where no endpoint was
 * asked), `fields` for the turn's log line.
 */
export type TurnOutcome = { readonly fields: Fields } & (
  | {
      readonly kind: "answer";
      readonly text: string;
      readonly note: string | null;
      readonly record: Omit<TurnRecord, "outcome">;
    }
  | {
      readonly kind: "error";
      readonly reason: InferenceErrorReason;
      readonly line: string;
      readonly level: Level;
      readonly record: Omit<TurnRecord, "outcome">;
    }
  | { readonly kind: "declined"; readonly line: string; readonly record: null }
);

/** Resolves the route, asks its endpoint and says what came of it. Throws only on a bug. */
export async function runTurn(input: TurnInput): Promise<TurnOutcome> {
  const { message, history, override, routes, env, signal } = input;
  const resolution = routeMessage(message, override, routes, env);
  const routed = {
    source_kind: classify(message.source, routes),
    route: describeRoute(resolution.route),
    overridden: override !== null,
    skipped: describeSkipped(resolution),
  };
  const images = await input.see(resolution.bundle);
  if (!images.ok) {
    const { model } = resolution.bundle;
    return { kind: "declined", line: images.error, record: null, fields: { ...routed, model } };
  }

  const messages: ChatMessage[] = [];
  if (resolution.system_prompt) messages.push({ role: "system", content: resolution.system_prompt });
  for (const { role, content } of history) messages.push({ role, content });
  const content = `${message.preface ?? ""}${message.text}`;
  messages.push({
    role: "user",
    content,
    said: message.text,
    ...(images.value.length > 0 && { images: images.value }),
  });
  const able = images.value.length > 0 ? resolution.fallbacks.filter(takesImages) : resolution.fallbacks;
  const bundles = [resolution.bundle, ...able];
  // A route that is left out and still named has handed over to a fallback of its own.
  const gaveWay = resolution.route !== null && resolution.skipped.some(({ layer }) => layer === "route");
  const started = Date.now();
  const result = await inferWithFallbacks(bundles, { messages, signal, env });
  const answer = result.ok ? result.value : null;
  const bundle = answer?.bundle ?? resolution.bundle;
  const { attempts } = result.ok ? result.value : result.error;
  // Failed attempts are paid for too, each at its own model's price.
  const usage = attempts.map((attempt) => attempt.usage).reduce(addUsage, NO_USAGE);
  const costs = attempts.flatMap(
    (attempt) => costOf(attempt.usage, own(routes.prices ?? {}, attempt.model)) ?? [],
  );
  const record = {
    model: bundle.model,
    route: routed.route,
    attempts: describeAttempts(attempts),
    fallback: answer !== null && (answer.index > 0 || gaveWay),
    tries: attempts.reduce((sum, attempt) => sum + attempt.tries, 0),
    usage,
    first_token_ms: sinceStart(answer?.first_token_ms, attempts),
    total_ms: Date.now() - started,
    cost: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost),
  };
  const fields = {
    ...routed,
    model: record.model,
    provider: bundle.provider,
    attempts: record.attempts ?? undefined,
    fallback: record.fallback,
    inference_ms: record.total_ms,
    first_token_ms: record.first_token_ms,
    tokens_in: usage.input,
    tokens_out: usage.output,
  };
  if (!result.ok) {
    const { reason, status, detail } = result.error;
    const { line, level } = INFERENCE_ERRORS[reason];
    // Which models take pictures is the operator's to say (`images:`); the endpoint's refusal may say it first.
    const blind = reason === "rejected" && images.value.length > 0;
    return {
      kind: "error",
      reason,
      line: blind ? PICTURE_REFUSED_LINE : line,
      level,
      record,
      fields: { ...fields, status, detail },
    };
  }
  const { text, finish } = result.value;
  const notes = [
    FINISH_NOTES[finish],
    record.fallback && resolution.tell_fallback ? `(Answered by ${bundle.model}.)` : null,
  ];
  const note = notes.filter((line) => line !== null).join("\n") || null;
  return { kind: "answer", text, note, record, fields: { ...fields, finish } };
}

/** The first token's time, counted from the turn's call and not from the attempt that had it. */
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

/** Which layers were left out because a secret is not set. */
function describeSkipped({ skipped }: UsableResolution): string | undefined {
  if (skipped.length === 0) return undefined;
  return skipped.map(({ layer, missing }) => `${layer}: ${missing.join(", ")} not set`).join("; ");
}
