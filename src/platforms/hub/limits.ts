/** One inbox read per this long, however many callbacks come in: a forged flood is not amplified. */
export const HINT_INTERVAL_MS = 2_000;

/** At the gateway's very first look, older entries are marked read and not answered. */
export const FIRST_LOOK_MAX_AGE_MS = 10 * 60 * 1_000;

/**
 * Entries handled per inbox read. Each costs up to two requests of Hub (who is it, mark it read), and a free
 * Workers plan allows 50 requests per invocation; what is left over waits for the next read.
 */
export const ENTRIES_PER_LOOK = 20;

/** How long it is remembered that a name is registered, that it is not, and for how many names. */
export const REGISTERED_FRESH_MS = 5 * 60 * 1_000;
/** Short: who registers after a first try must not be ignored for it. */
export const UNREGISTERED_FRESH_MS = 2_000;
export const MAX_STANDINGS = 1_000;

/** A session that has not stored a message by then counts as failed; the entry stays unread. */
export const HAND_OVER_TIMEOUT_MS = 10_000;

export const READ_TIMEOUT_MS = 15_000;
/** Hub answers a send only after the recipient's callback, which may take 5 s (docs/hub.md, "Sending"). */
export const SEND_TIMEOUT_MS = 20_000;

/** Waits before a GET is tried again after a 5xx of Hub's front or a lost connection. Never used for a POST. */
export const GET_RETRY_WAITS_MS: readonly number[] = [2_000, 5_000, 10_000, 20_000];

/** How often a sender is looked up: one whose standing is not known waits, and must not hold up the others. */
export const LOOK_UP_TRIES = 2;

/** An inbox of more than this is not read: the isolate has 128 MB, and parsing takes several times the text. */
export const MAX_INBOX_BYTES = 16 * 1_024 * 1_024;
export const MAX_ANSWER_BYTES = 64 * 1_024;

/** Longest message, in UTF-16 units, handed to a session: it has to fit a 2 MB row in UTF-8. */
export const MAX_TEXT_UNITS = 256 * 1_024;

/**
 * Longest message sent, in UTF-16 units. Hub names no limit. Each message is a turn of its own at the other
 * agent, which would answer the first half before it has the second, so an answer is kept whole: only one
 * longer than models write is cut.
 */
export const MAX_SENT_UNITS = 64_000;
