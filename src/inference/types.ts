import type { Variables } from "../env.ts";
import type { Bundle } from "../routing/types.ts";
import type { Finish, InferenceErrorReason } from "./errors.ts";

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

/** Whose message is asked about, for the endpoints that a bundle tells so. All of it as the platform proved it. */
export interface Origin {
  /** The session's key. */
  readonly session?: string | null | undefined;
  readonly source_kind?: string | null | undefined;
  readonly user_id?: string | null | undefined;
  readonly platform?: string | null | undefined;
  /** The same on every try of the same message. */
  readonly delivery_id?: string | null | undefined;
}

/** One call of one endpoint. */
export interface InferenceRequest {
  readonly bundle: Bundle;
  readonly messages: readonly ChatMessage[];
  /** Aborts the upstream request at once. */
  readonly signal: AbortSignal;
  readonly env: Variables;
  readonly origin?: Origin | undefined;
  readonly live?: LiveText | undefined;
}

/**
 * Takes an answer's text while it is written: each time all of it so far, without reasoning. What it is given
 * stands for all that it was given before; an empty text means that nothing of that holds, because another try,
 * or another endpoint, begins. Must not throw.
 */
export type LiveText = (text: string) => void;

/** Tokens, as the endpoint counted them; null where it did not say. */
export interface Usage {
  readonly input: number | null;
  readonly output: number | null;
  readonly cached: number | null;
  readonly reasoning: number | null;
}

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

/** Why one try failed. */
export interface Failure {
  readonly reason: InferenceErrorReason;
  /** HTTP status, where there was one. */
  readonly status?: number | undefined;
  /**
   * For the log: what happened and where, in identifiers and figures. Never an endpoint's sentences, which may
   * quote the chat, and no secret.
   */
  readonly detail: string;
  /** Milliseconds the endpoint asked to wait. */
  readonly retry_after_ms?: number | undefined;
  /** The endpoint's own word on it (`x-should-retry`); outranks the table. */
  readonly retry?: boolean | undefined;
}

/** Why an endpoint gave no answer: its last try's failure. */
export interface InferenceError extends Omit<Failure, "retry"> {
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
