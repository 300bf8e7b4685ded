/** One inbox read per this long, however many callbacks come in: a forged flood is not amplified. */
export const HINT_INTERVAL_MS = 2_000;

/** At the gateway's very first look, older entries are marked read and not answered. */
export const FIRST_LOOK_MAX_AGE_MS = 10 * 60 * 1_000;

/** Requests of one look, hand-overs to sessions among them: a free plan allows an invocation 50. */
export const REQUESTS_PER_LOOK = 40;
/** As many of them are kept for marking entries read. */
export const MARKS_RESERVED = 4;
/** Senders looked up one by one in a look; from `DIRECTORY_FROM` unknown ones on, Hub's directory is read first. */
export const LOOK_UPS_PER_LOOK = 12;
export const DIRECTORY_FROM = 6;

/** How long it is remembered that a name is registered; of how many names what is remembered. */
export const REGISTERED_FRESH_MS = 5 * 60 * 1_000;
export const MAX_REGISTERED = 2_000;
export const MAX_UNREGISTERED = 5_000;

/** Pauses of a sender whose messages cannot be handed on, and of an inbox that cannot be read: doubled each time. */
export const FIRST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 5 * 60 * 1_000;
/** A session with a full waiting room works it off: it is asked again sooner. */
export const LONGEST_FULL_PAUSE_MS = 30_000;
export const MAX_PAUSES = 2_000;
/** So often a look is tried again by itself before it is left to the next sweep. */
export const LOOK_TRIES = 5;
/** A sender that could not be looked up for so long, while the inbox could be read, counts as unregistered. */
export const LOOK_UP_GIVE_UP_MS = 3 * 24 * 60 * 60 * 1_000;

/** A session that has not stored a message by then counts as failed; the entry stays unread. */
export const HAND_OVER_TIMEOUT_MS = 10_000;

export const READ_TIMEOUT_MS = 15_000;
/** For a list, which may be long, from the request to its end. */
export const LIST_TIMEOUT_MS = 60_000;
/** Hub answers a send only after the recipient's callback, which may take 5 s (docs/hub.md, "Sending"). */
export const SEND_TIMEOUT_MS = 20_000;
export const MAX_ANSWER_BYTES = 64 * 1_024;
/** A list is read to here and no further; it comes as a stream, and most of it is not kept. */
export const MAX_LIST_BYTES = 128 * 1_024 * 1_024;

/**
 * Longest message handed to a session, in bytes of UTF-8: as it is, and as JSON. A session takes no more than 320 KiB
 * of JSON, and what it does not take would wait in the inbox for ever.
 */
export const MAX_TEXT_BYTES = 256 * 1_024;
export const MAX_TEXT_JSON_BYTES = 312 * 1_024;
/** One message as Hub writes it: all but ASCII is escaped, in six bytes a unit of UTF-16. */
export const MAX_FIELD_BYTES = 6 * MAX_TEXT_BYTES + 1_024;
/** All of one entry. */
export const MAX_ELEMENT_BYTES = MAX_FIELD_BYTES + 64 * 1_024;

/** Of one sender, what a look holds in memory: entries, and UTF-16 units of text (always one entry). */
export const SENDER_ENTRIES = 40;
export const SENDER_UNITS = 256 * 1_024;
/** The same of all senders known to be registered, and of all that are still to be looked up. */
export const REGISTERED_UNITS = 2 * 1_024 * 1_024;
export const UNKNOWN_UNITS = 1_024 * 1_024;
/** Different senders in a look; the others wait for the next. */
export const MAX_SENDERS = 5_000;

/** Entries dealt with of which Hub may still say that they are unread; and how long one is remembered after it no longer does. */
export const MAX_SEEN = 20_000;
export const FORGET_SEEN_MS = 60 * 60 * 1_000;
/** Rows forgotten in one look. */
export const FORGET_PER_LOOK = 1_000;

/** Up to so many entries are marked read one by one; more of them with one request for all. */
export const FEW_MARKS = 3;
/**
 * While something is left in the inbox, this many of the others are marked in a look, and fewer if Hub, which writes
 * the inbox anew for each, would write more than this; but at least one.
 */
export const CHEAP_MARKS = 8;
export const REWRITE_BYTES = 256 * 1_024;
/** Of what marking all took besides, so much is stored; the rest is found again later. */
export const MAX_KEPT = 200;
export const KEPT_UNITS = 2 * 1_024 * 1_024;
/** How far Hub's clock and this gateway's may differ. */
export const CLOCK_MARGIN_MS = 10 * 60 * 1_000;
/** After so long, a request to mark all that had no answer is either carried out or lost. */
export const MARKING_SETTLES_MS = 2 * 60 * 1_000;

/** Log lines about single entries in a look; and for how many entries it is remembered that there was one. */
export const LINES_PER_LOOK = 5;
export const MAX_NOTED = 2_000;
/** An inbox that Hub answers 500 for is called broken after this long. */
export const BROKEN_AFTER_MS = 60_000;

/**
 * Longest message sent, in UTF-16 units. Hub names no limit. Each message is a turn of its own at the other
 * agent, which would answer the first half before it has the second, so an answer is kept whole: only one
 * longer than models write is cut.
 */
export const MAX_SENT_UNITS = 64_000;
/** How much earlier than its first try, by Hub's clock, a message found in a conversation may have been stored. */
export const SENT_MARGIN_MS = 60_000;
/** How long ago it may have been stored where neither that nor the time of the question is known. */
export const UNDATED_SEND_MS = 60 * 60 * 1_000;
/** Pauses before a message is tried again: half its age, within these. */
export const FIRST_SEND_PAUSE_MS = 2_000;
export const LONGEST_SEND_PAUSE_MS = 10 * 60 * 1_000;
