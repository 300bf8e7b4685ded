/** After this long without an end, the alarm looks whether a turn is still alive. */
export const WATCHDOG_MS = 10_000;
/** How often a turn is started before it is parked: a turn that kills its object must not do so for ever. */
export const MAX_TURN_TRIES = 3;
/** How often a chunk is sent before its answer is parked. */
export const MAX_SEND_TRIES = 8;
/** How often a chunk is sent of which nobody knows whether it was shown. */
export const MAX_UNCERTAIN_SENDS = 2;
/** How often, and how long at a time, a platform may ask to wait before an answer is parked. */
export const MAX_RATE_LIMIT_WAITS = 30;
export const LONGEST_RATE_LIMIT_WAIT_MS = 6 * 60 * 60 * 1_000;
/** First pause before a failed send or a crashed turn is tried again; doubles up to the longest. */
export const FIRST_RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 60_000;
/** A turn shorter than this shows no typing: the answer is the better sign, and one request cheaper. */
export const TYPING_AFTER_MS = 300;
/** How long a delivery id is remembered. Telegram redelivers for 24 hours. */
export const REMEMBER_DONE_MS = 48 * 60 * 60 * 1_000;
/** How long a message that could not be answered is kept. */
export const REMEMBER_PARKED_MS = 30 * 24 * 60 * 60 * 1_000;
/** How often the inbox is pruned, and how many rows at a time: each row that is looked at is billed. */
export const PRUNE_EVERY_MS = 10 * 60 * 1_000;
export const PRUNE_ROWS = 500;
/** How long a read of the override from KV is good for. */
export const OVERRIDE_FRESH_MS = 2_000;
