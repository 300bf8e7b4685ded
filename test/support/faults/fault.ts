import type { InferenceErrorReason } from "../../../src/inference/errors.ts";
import { chatAnswer, type Script } from "../raw-endpoint.ts";

/** Shaped like a key, so that a leak of it can be looked for anywhere. */
export const KEY = "sk-owner-0123456789abcdef";
/** What a faulty endpoint is asked. */
export const PRIVATE = "What is the private word?";
/** Errors of these endpoints quote the key and the chat, as real ones sometimes do. */
export const QUOTING = `Incorrect API key ${KEY} for: ${PRIVATE}`;
/** An answer's beginning that nobody is to read without its end. */
export const HALF = "Half an ans";

const ANSWER = "The word is out.";
export const good = chatAnswer(ANSWER);

/** What an endpoint may do, what that comes to, and how often it is asked. */
export interface Fault {
  readonly fault: string;
  /** What is done with each request in turn; the last stays. */
  readonly scripts: readonly Script[];
  readonly gives: Outcome;
  readonly calls: number;
  /** Milliseconds waited before each retry, jitter left out; by default the usual backoff. */
  readonly waits?: readonly number[];
  /** The time limit that ends it. */
  readonly limit?: "first_token" | "idle" | "total";
}

/** What `infer` resolves with, as far as it is told here. */
export type Outcome =
  | { readonly ok: true; readonly value: object }
  | {
      readonly ok: false;
      readonly error: { readonly reason: InferenceErrorReason; readonly [field: string]: unknown };
    };

export const answered: Outcome = { ok: true, value: { text: ANSWER, finish: "stop" } };
export const failed = (reason: InferenceErrorReason, more: object = {}): Outcome => ({
  ok: false,
  error: { reason, ...more },
});

/** What the user reads when the endpoint has given this. */
export function seenBy(outcome: Outcome): RegExp {
  if (outcome.ok) return /^The word is out\.$/;
  const line = LINES[outcome.error.reason];
  if (line === undefined) throw new Error(`what does the user read after ${outcome.error.reason}?`);
  return line;
}

const LINES: { readonly [reason in InferenceErrorReason]?: RegExp } = {
  unavailable: /^The model's endpoint has a problem right now\. Please try again/,
  unreachable: /^The model's endpoint cannot be reached right now\. Please try again/,
  rate_limited: /^The model's endpoint is busy right now\. Please try again/,
  unauthorized: /^The model's endpoint did not accept this bot's key\. Please tell whoever runs this bot\.$/,
  payment_required: /^The account behind this bot's model has run out of credit\. Please tell/,
  no_endpoint: /^The address of this chat's model seems to be wrong\. Please tell whoever runs this bot\.$/,
  not_found: /^The model's endpoint does not know this model\. Choose another with \/model/,
  redirected: /^The model's endpoint has moved\. Please tell whoever runs this bot\.$/,
  rejected: /^The model's endpoint did not accept this request\. Try \/new/,
  too_long: /^This conversation is too long for the model\. Send \/new/,
  filtered: /^The model's provider held this answer back\. Please put it another way\.$/,
  malformed: /^The model's endpoint sent an answer that cannot be read\. Please try again/,
  cut: /^The model's answer broke off before its end\. Please send your message again\.$/,
  empty: /^The model gave an empty answer\. Please try again/,
  only_reasoning: /^The model thought about this but gave no answer\. Please try again/,
  too_large: /^The model's answer grew far too long and was stopped\. Please ask for something shorter\.$/,
  timeout: /^The model took too long to answer\. Please try again/,
};

const BACKOFF_MS = [500, 1_000];

/** Milliseconds waited before each retry of this fault, jitter left out. */
export const waitsOf = ({ waits, calls }: Pick<Fault, "waits" | "calls">): readonly number[] =>
  waits ?? BACKOFF_MS.slice(0, calls - 1);

/** An error answer of this status. */
export const status =
  (code: number, error: object = {}, headers: { [name: string]: string } = {}): Script =>
  ({ head }) =>
    head(code, { "content-type": "application/json", ...headers }).end(
      JSON.stringify({ error: { message: QUOTING, ...error } }),
    );
