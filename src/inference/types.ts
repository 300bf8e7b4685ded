import type { Variables } from "../env.ts";
import type { Bundle } from "../routing/types.ts";

/** A picture shown to the model beside a message's text. */
export interface Image {
  /** `image/jpeg`, `image/png`, `image/webp` or `image/gif`. */
  readonly mime: string;
  readonly base64: string;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  /** The part of `content` that the user wrote, without what the gateway put before it. */
  readonly said?: string | undefined;
  readonly images?: readonly Image[] | undefined;
}

/** One call of one endpoint. */
export interface InferenceRequest {
  readonly bundle: Bundle;
  readonly messages: readonly ChatMessage[];
  /** Aborts the upstream request at once. */
  readonly signal: AbortSignal;
  readonly env: Variables;
  /** Each piece of answer text, as it arrives. Reasoning is never among it. */
  readonly onText?: ((piece: string) => void) | undefined;
  /**
   * All text given so far is void: another try begins. Whoever shows text while it arrives gives this
   * and takes the shown text back; with `onText` alone, nothing is tried again once text has arrived.
   */
  readonly onRestart?: (() => void) | undefined;
}

/** Tokens, as the endpoint counted them; null where it did not say. */
export interface Usage {
  readonly input: number | null;
  readonly output: number | null;
  readonly cached: number | null;
  readonly reasoning: number | null;
}

/** Why an answer ended: whole, at the token limit, or held back by the endpoint's filter. */
export type Finish = "stop" | "length" | "content_filter";

export interface InferenceAnswer {
  readonly text: string;
  readonly finish: Finish;
  /** Of all tries together. */
  readonly usage: Usage;
  /** Milliseconds to the first text, and in all. */
  readonly first_token_ms: number | null;
  readonly total_ms: number;
  /** How many requests this endpoint was sent. */
  readonly tries: number;
}

/** Tagged reasons; `errors.ts` maps each to the user's line, the log level, and whether to retry or fall back. */
export type InferenceErrorReason =
  | "missing_secret"
  | "bad_config"
  | "unreachable"
  | "not_sent"
  | "unauthorized"
  | "not_found"
  | "payment_required"
  | "rate_limited"
  | "rejected"
  | "too_long"
  | "unavailable"
  | "redirected"
  | "malformed"
  | "cut"
  | "empty"
  | "only_reasoning"
  | "too_large"
  | "filtered"
  | "timeout"
  | "aborted";

export interface InferenceError {
  readonly reason: InferenceErrorReason;
  /** HTTP status, where there was one. */
  readonly status?: number | undefined;
  /** For the log: what happened and where; no text of the conversation, no secret. */
  readonly detail: string;
  /** Milliseconds the endpoint asked to wait. */
  readonly retry_after_ms?: number | undefined;
  /** What the tries used although they came to nothing. */
  readonly usage: Usage;
  readonly tries: number;
  /** True once some answer text had arrived. */
  readonly partial: boolean;
}

/** What became of one bundle of a chain, for the log, `/status` and the console. */
export interface Attempt {
  /** Place in the list that was given: 0 is the primary, whatever order they were tried in. */
  readonly index: number;
  readonly model: string;
  /** Host of the endpoint; as written in the routes file, never resolved from a secret. */
  readonly host: string;
  readonly outcome: "answered" | InferenceErrorReason;
  readonly status?: number | undefined;
  /** As in `InferenceError`; empty when answered. */
  readonly detail: string;
  readonly usage: Usage;
  readonly ms: number;
  /** How many requests this endpoint was sent. */
  readonly tries: number;
}

export interface ChainAnswer extends InferenceAnswer {
  /** The bundle that answered. */
  readonly bundle: Bundle;
  /** Its place in the list: anything but 0 is a fallback. */
  readonly index: number;
  readonly attempts: readonly Attempt[];
}

/** The most telling error of the chain, and every attempt. */
export interface ChainError extends InferenceError {
  readonly attempts: readonly Attempt[];
}
