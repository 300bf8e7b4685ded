import type { Env } from "../env.ts";
import { inferWithFallbacks } from "../inference/chain.ts";
import { FINISH_NOTES, INFERENCE_ERRORS } from "../inference/errors.ts";
import type { Attempt, ChatMessage, InferenceErrorReason, Usage } from "../inference/types.ts";
import type { Fields, Level } from "../log.ts";
import type { InboundMessage } from "../platforms/platform.ts";
import { resolveUsable, type UsableResolution } from "../routing/resolve.ts";
import { classify, routingContext } from "../routing/source.ts";
import type { CompiledRoutes, Override, RouteRef } from "../routing/types.ts";
import { costOf, type TurnRecord } from "./ledger.ts";
import type { TranscriptEntry } from "./store.ts";

export interface TurnInput {
  readonly message: InboundMessage;
  /** The question as the model sees it. */
  readonly question: TranscriptEntry;
  readonly history: readonly TranscriptEntry[];
  readonly override: Override | null;
  readonly routes: CompiledRoutes;
  readonly env: Env;
  readonly signal: AbortSignal;
}

/**
 * What a turn came to: an answer, or a reason and the line that tells the user. `record` is for the session's
 * accounts, `fields` for the turn's log line.
 */
export type TurnOutcome = { readonly record: Omit<TurnRecord, "outcome">; readonly fields: Fields } & (
  | { readonly kind: "answer"; readonly text: string; readonly note: string | null }
  | {
      readonly kind: "error";
      readonly reason: InferenceErrorReason;
      readonly line: string;
      readonly level: Level;
    }
);

const NO_USAGE: Usage = { input: null, output: null, cached: null, reasoning: null };

/** Where a message is routed: the one way for every operation, so that model and key never part. */
export function routeMessage(
  message: InboundMessage,
  override: Override | null,
  routes: CompiledRoutes,
  env: Env,
): UsableResolution {
  const kind = classify(message.source, routes);
  return resolveUsable(routes, routingContext(message.source, kind), override, env);
}

/** Resolves the route, asks its endpoint and says what came of it. Throws only on a bug. */
export async function runTurn(input: TurnInput): Promise<TurnOutcome> {
  const { message, question, history, override, routes, env, signal } = input;
  const resolution = routeMessage(message, override, routes, env);
  const messages: ChatMessage[] = [];
  if (resolution.system_prompt) messages.push({ role: "system", content: resolution.system_prompt });
  for (const { role, content } of history) messages.push({ role, content });
  messages.push({ role: "user", content: question.content });

  const bundles = [resolution.bundle, ...resolution.fallbacks];
  const started = Date.now();
  const result = await inferWithFallbacks(bundles, { messages, signal, env });
  const answer = result.ok ? result.value : null;
  const bundle = answer?.bundle ?? resolution.bundle;
  const { attempts } = result.ok ? result.value : result.error;
  const usage = answer?.usage ?? NO_USAGE;
  const record = {
    model: bundle.model,
    route: describeRoute(resolution.route),
    attempts: describeAttempts(attempts),
    fallback: answer !== null && answer.index > 0,
    tries: attempts.reduce((sum, attempt) => sum + attempt.tries, 0),
    usage,
    first_token_ms: answer?.first_token_ms ?? null,
    total_ms: Date.now() - started,
    cost: costOf(usage, routes.prices?.[bundle.model]),
  };
  const fields = {
    source_kind: classify(message.source, routes),
    route: record.route,
    model: record.model,
    provider: bundle.provider,
    overridden: override !== null,
    skipped: describeSkipped(resolution),
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
    return { kind: "error", reason, line, level, record, fields: { ...fields, status, detail } };
  }
  const { text, finish } = result.value;
  const notes = [
    FINISH_NOTES[finish],
    record.fallback && resolution.tell_fallback ? `(Answered by ${bundle.model}.)` : null,
  ];
  const note = notes.filter((line) => line !== null).join("\n") || null;
  return { kind: "answer", text, note, record, fields: { ...fields, finish } };
}

/** `routes[2] line 14`, or `base`. */
export function describeRoute(route: RouteRef | null): string {
  return route === null ? "base" : `${route.from}[${route.index}] line ${route.line}`;
}

/** `model@host: unavailable 503` for each bundle tried; nothing where the first one answered at once. */
function describeAttempts(attempts: readonly Attempt[]): string | null {
  const [first] = attempts;
  if (attempts.length === 1 && first?.outcome === "answered" && first.tries <= 1) return null;
  return attempts
    .map(
      ({ model, host, outcome, status, tries }) => `${model}@${host}: ${outcome} ${status ?? ""} x${tries}`,
    )
    .join("; ");
}

/** Which layers were left out because a secret is not set. */
function describeSkipped({ skipped }: UsableResolution): string | undefined {
  if (skipped.length === 0) return undefined;
  return skipped.map(({ layer, missing }) => `${layer}: ${missing.join(", ")} not set`).join("; ");
}
