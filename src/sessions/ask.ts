import type { Variables } from "../env.ts";
import { inferWithFallbacks } from "../inference/chain.ts";
import { FINISH_NOTES, INFERENCE_ERRORS, type InferenceErrorReason } from "../inference/errors.ts";
import type { ChatMessage, LiveText } from "../inference/types.ts";
import type { Fields } from "../lib/log.ts";
import type { Result } from "../lib/result.ts";
import type { Clock } from "../lib/time.ts";
import { resolveUsable, type UsableResolution } from "../routing/resolve.ts";
import { describeRoute } from "../routing/route.ts";
import { type SessionSettings, withSettings } from "../routing/settings.ts";
import type { CompiledRoutes, Override, RoutingContext } from "../routing/types.ts";
import { PICTURE_REFUSED_LINE, takesImages } from "./attachments.ts";
import { fieldsOf, recordOf, type TurnRecord } from "./record.ts";

/** What is asked of the model, whatever the operation: a turn, a scheduled job, a compression. */
export interface Question {
  /** What routes are matched against; null takes no route, and so the whole default bundle. */
  readonly context: RoutingContext | null;
  readonly override: Override | null;
  /** What its chat has chosen beside the model; nothing for an operation without a chat. */
  readonly settings?: SessionSettings;
  /** The session key, which decides the side of a route's split; null for an operation without a session. */
  readonly session: string | null;
  /** The message's, for endpoints that hold the conversation; null for an operation without a message. */
  readonly delivery_id: string | null;
  /** The messages to send, once the bundle is known; an error is the line that tells the user why there are none. */
  prompt(resolution: UsableResolution): Promise<Result<readonly ChatMessage[], string>>;
}

/** What asking stands on. */
export interface AskTools {
  readonly routes: CompiledRoutes;
  readonly env: Variables;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Takes the answer while it is written, where the bundle does not say `live: false`. */
  readonly live?: LiveText | undefined;
  /** What the operation itself chooses, over its route: a scheduled job's own fields. */
  readonly over?: ((resolved: UsableResolution) => UsableResolution) | undefined;
}

/** An answer; or why there is none, with the line that tells the user. `fields` are for the log line. */
export type Asked = { readonly fields: Fields } & (
  | {
      readonly kind: "answer";
      readonly text: string;
      /** A line below the answer; null where it is whole and from the model that was asked. */
      readonly note: string | null;
      readonly record: TurnRecord;
    }
  | {
      readonly kind: "error";
      readonly reason: InferenceErrorReason;
      readonly line: string;
      readonly record: TurnRecord;
    }
  | { readonly kind: "declined"; readonly line: string; readonly record: null }
);

/**
 * Resolves the bundle for an operation and asks its endpoint, then its fallbacks: the one way to the model, so
 * that a model and another's key never meet. Throws only on a bug.
 * @example await ask({ context: null, override: null, session: null, delivery_id: null, prompt }, tools);
 */
export async function ask(
  question: Question,
  { routes, env, clock, signal, live, over }: AskTools,
): Promise<Asked> {
  const { context, override, session, delivery_id, settings = {} } = question;
  const resolved = resolveUsable(routes, context, override, env, session);
  const resolution = withSettings(over?.(resolved) ?? resolved, settings, routes);
  const { bundle, fallbacks, route, tell_fallback } = resolution;
  const routed = {
    source_kind: context?.source_kind,
    route: describeRoute(route),
    overridden: override !== null,
    skipped: describeSkipped(resolution),
  };
  const prompt = await question.prompt(resolution);
  if (!prompt.ok) {
    return { kind: "declined", line: prompt.error, record: null, fields: { ...routed, model: bundle.model } };
  }
  const messages = prompt.value;
  const withImages = messages.some(({ images = [] }) => images.length > 0);
  const bundles = [bundle, ...(withImages ? fallbacks.filter(takesImages) : fallbacks)];
  const started = clock.now();
  const { source_kind, user_id, platform } = context ?? {};
  const origin = { session, source_kind, user_id, platform, delivery_id };
  const result = await inferWithFallbacks(
    bundles,
    { messages, signal, env, origin, live: bundle.live === false ? undefined : live },
    clock,
  );
  const record = recordOf(resolution, result, clock.now() - started, routes.prices);
  const provider = (result.ok ? result.value.bundle : bundle).provider;
  const fields = { ...routed, provider, ...fieldsOf(record) };
  if (!result.ok) {
    const { reason, status, detail } = result.error;
    // Which models take pictures is the operator's to say (`images:`); the endpoint's refusal may say it first.
    const blind = reason === "rejected" && withImages;
    const line = blind ? PICTURE_REFUSED_LINE : INFERENCE_ERRORS[reason].line;
    return { kind: "error", reason, line, record, fields: { ...fields, status, detail } };
  }
  const { text, finish } = result.value;
  const notes = [
    FINISH_NOTES[finish],
    record.fallback && tell_fallback ? `(Answered by ${record.model}.)` : null,
  ];
  const note = notes.filter((line) => line !== null).join("\n") || null;
  return { kind: "answer", text, note, record, fields: { ...fields, finish } };
}

/** Which layers were left out because a secret is not set. */
function describeSkipped({ skipped }: UsableResolution): string | undefined {
  if (skipped.length === 0) return undefined;
  return skipped.map(({ layer, missing }) => `${layer}: ${missing.join(", ")} not set`).join("; ");
}
