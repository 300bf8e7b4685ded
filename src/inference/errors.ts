import type { Level } from "../lib/log.ts";

interface Handling {
  /** What the user reads: one line, no jargon, with what to do. Never the endpoint's own words. */
  readonly line: string;
  readonly level: Level;
  /** Whether the same endpoint is asked again. */
  readonly retry: boolean;
  /** Whether the next bundle of the chain is asked. */
  readonly fallback: boolean;
  /** Whether it speaks against the endpoint's health: the next user would wait in vain as well. */
  readonly unhealthy: boolean;
}

const OPERATOR = "Please tell whoever runs this bot.";

/** Why an endpoint gave no answer, and how that is handled: for the user, the operator, the retry loop and the chain. */
export const INFERENCE_ERRORS = {
  missing_secret: {
    line: `This chat's model is not set up completely: its key is missing. ${OPERATOR}`,
    level: "error",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  bad_config: {
    line: `This chat's model is not set up correctly. ${OPERATOR}`,
    level: "error",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  unreachable: {
    line: "The model's endpoint cannot be reached right now. Please try again in a minute.",
    level: "warn",
    retry: true,
    fallback: true,
    unhealthy: true,
  },
  not_sent: {
    line: "Answering this took too many steps at once. Please send your message again.",
    level: "warn",
    retry: false,
    fallback: false,
    unhealthy: false,
  },
  unauthorized: {
    line: `The model's endpoint did not accept this bot's key. ${OPERATOR}`,
    level: "error",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  not_found: {
    line: `The model's endpoint does not know this model. Choose another with /model, or tell whoever runs this bot.`,
    level: "error",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  no_endpoint: {
    line: `The address of this chat's model seems to be wrong. ${OPERATOR}`,
    level: "error",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  payment_required: {
    line: `The account behind this bot's model has run out of credit. ${OPERATOR}`,
    level: "error",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  rate_limited: {
    line: "The model's endpoint is busy right now. Please try again in a minute.",
    level: "warn",
    retry: true,
    fallback: true,
    unhealthy: true,
  },
  rejected: {
    line: `The model's endpoint did not accept this request. Try /new; if it happens again, tell whoever runs this bot.`,
    level: "error",
    retry: false,
    fallback: false,
    unhealthy: false,
  },
  too_long: {
    line: "This conversation is too long for the model. Send /new to start a fresh one, or a shorter message.",
    level: "info",
    retry: false,
    fallback: false,
    unhealthy: false,
  },
  unavailable: {
    line: "The model's endpoint has a problem right now. Please try again in a minute.",
    level: "warn",
    retry: true,
    fallback: true,
    unhealthy: true,
  },
  redirected: {
    line: `The model's endpoint has moved. ${OPERATOR}`,
    level: "error",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  malformed: {
    line: "The model's endpoint sent an answer that cannot be read. Please try again in a minute.",
    level: "warn",
    retry: false,
    fallback: true,
    unhealthy: true,
  },
  cut: {
    line: "The model's answer broke off before its end. Please send your message again.",
    level: "warn",
    retry: true,
    fallback: true,
    unhealthy: true,
  },
  empty: {
    line: "The model gave an empty answer. Please try again, or put it another way.",
    level: "warn",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  only_reasoning: {
    line: "The model thought about this but gave no answer. Please try again, or ask for something smaller.",
    level: "warn",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  too_large: {
    line: "The model's answer grew far too long and was stopped. Please ask for something shorter.",
    level: "warn",
    retry: false,
    fallback: true,
    unhealthy: false,
  },
  filtered: {
    line: "The model's provider held this answer back. Please put it another way.",
    level: "info",
    retry: false,
    fallback: false,
    unhealthy: false,
  },
  timeout: {
    line: "The model took too long to answer. Please try again in a minute.",
    level: "warn",
    retry: false,
    fallback: true,
    unhealthy: true,
  },
  aborted: {
    line: "Stopped.",
    level: "info",
    retry: false,
    fallback: false,
    unhealthy: false,
  },
} as const satisfies { readonly [reason: string]: Handling };

export type InferenceErrorReason = keyof typeof INFERENCE_ERRORS;

/** What the user is told below an answer that is not whole; null for a whole one. */
export const FINISH_NOTES = {
  stop: null,
  length: "(The answer was cut at the model's length limit.)",
  content_filter: "(The model's provider held back the rest of this answer.)",
} as const satisfies { readonly [finish: string]: string | null };

/** Why an answer ended: whole, at the token limit, or held back by the endpoint's filter. */
export type Finish = keyof typeof FINISH_NOTES;
