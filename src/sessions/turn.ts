import type { Env } from "../env.ts";
import { inferWithFallbacks } from "../inference/chain.ts";
import { FINISH_NOTES, INFERENCE_ERRORS } from "../inference/errors.ts";
import type { Attempt, ChatMessage, InferenceErrorReason } from "../inference/types.ts";
import type { Fields, Level } from "../log.ts";
import type { InboundMessage } from "../platforms/platform.ts";
import { resolveUsable, type UsableResolution } from "../routing/resolve.ts";
import { classify, routingContext } from "../routing/source.ts";
import type { CompiledRoutes, Override, RouteRef } from "../routing/types.ts";
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

/** What a turn came to: an answer, or a reason and the line that tells the user. `fields` are for its log line. */
export type TurnOutcome =
  | { readonly kind: "answer"; readonly text: string; readonly note: string | null; readonly fields: Fields }
  | {
      readonly kind: "error";
      readonly reason: InferenceErrorReason;
      readonly line: string;
      readonly level: Level;
      readonly fields: Fields;
    };

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
  const result = await inferWithFallbacks(bundles, { messages, signal, env });
  const fields = {
    source_kind: classify(message.source, routes),
    route: describeRoute(resolution.route),
    model: resolution.bundle.model,
    provider: resolution.bundle.provider,
    overridden: override !== null,
    skipped: describeSkipped(resolution),
  };
  if (!result.ok) {
    const { reason, status, detail, attempts } = result.error;
    const { line, level } = INFERENCE_ERRORS[reason];
    const failed = { ...fields, attempts: describeAttempts(attempts), status, detail };
    return { kind: "error", reason, line, level, fields: failed };
  }
  const { text, finish, usage, bundle, attempts, ...answer } = result.value;
  return {
    kind: "answer",
    text,
    note: FINISH_NOTES[finish],
    fields: {
      ...fields,
      model: bundle.model,
      provider: bundle.provider,
      attempts: describeAttempts(attempts),
      first_token_ms: answer.first_token_ms,
      inference_ms: answer.total_ms,
      tokens_in: usage.input,
      tokens_out: usage.output,
      finish,
    },
  };
}

/** `routes[2] line 14`, or `base`. */
export function describeRoute(route: RouteRef | null): string {
  return route === null ? "base" : `${route.from}[${route.index}] line ${route.line}`;
}

/** `model@host: unavailable 503` for each bundle tried; nothing where the first one answered at once. */
function describeAttempts(attempts: readonly Attempt[]): string | undefined {
  if (attempts.length === 1 && attempts[0]?.outcome === "answered" && attempts[0].tries <= 1)
    return undefined;
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
