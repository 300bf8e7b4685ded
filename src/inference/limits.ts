import type { Timeouts } from "../routing/bundle-fields.ts";

/** Limits of one call when its bundle sets none; together they fit Discord's 15-minute token. */
export const DEFAULT_TIMEOUTS = {
  /** From sending a request to the first output, text or reasoning. Keep-alive comments do not count. */
  first_token_ms: 60_000,
  /** Between two network chunks of a running answer. */
  idle_ms: 30_000,
  /** One endpoint, all its tries and waits together. */
  total_ms: 600_000,
} as const satisfies Timeouts;

/** All endpoints of a turn together: what a Discord interaction token lives, less a minute to deliver. */
export const CHAIN_MS = 14 * 60_000;

/** After the finish mark: how long the usage chunk may still take. */
export const USAGE_GRACE_MS = 2_000;
/** After `[DONE]`: how long the endpoint may take to close, which keeps the connection reusable. */
export const CLOSE_GRACE_MS = 100;

export const MAX_RETRIES = 2;
/** An answer that broke off was paid for in part already: it is asked for once more only. */
export const MAX_RETRIES_AFTER_TEXT = 1;
export const BACKOFF_MS = 500;
export const MAX_BACKOFF_MS = 8_000;
/** An endpoint that asks for a longer wait is given up at once. */
export const MAX_RETRY_AFTER_MS = 20_000;

export const MAX_ANSWER_CHARS = 256 * 1024;
/** One server-sent event; `response.completed` repeats the whole answer, escaped. */
export const MAX_EVENT_CHARS = 2 * 1024 * 1024;
/** A whole stream, reasoning and envelopes included. */
export const MAX_STREAM_BYTES = 64 * 1024 * 1024;
/** An error that repeats a field of the request is longer than its sentence. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024;
/** An error body that dribbles in is left unread after this. */
export const ERROR_BODY_MS = 2_000;

/** The Messages API wants `max_tokens` in every request. */
export const DEFAULT_MAX_TOKENS = 8_192;

/** This many failures in a row make an endpoint the last to be tried, for this long. */
export const UNHEALTHY_AFTER = 3;
export const UNHEALTHY_MS = 30_000;
/** Endpoints whose failures, or whose quirks, an isolate remembers. */
export const MAX_REMEMBERED = 256;

/** One recording: an hour of speech takes a fast endpoint some twenty seconds. */
export const TRANSCRIPTION_MS = 90_000;
/** The answer with the transcript; some servers add every word's time. */
export const MAX_TRANSCRIPT_BYTES = 4 * 1024 * 1024;
/** One file through `toMarkdown`. */
export const CONVERSION_MS = 60_000;
