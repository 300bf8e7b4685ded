/** The alarm rings this long after a message came to an idle session: whatever ended the object meanwhile. */
export const WATCHDOG_MS = 10_000;
/** And again after this long while work goes on. */
export const WATCHDOG_AGAIN_MS = 30_000;
/** The pause before a register that did not hear of a session is told again. */
export const ENLIST_AGAIN_MS = 10 * 60 * 1_000;
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
/** A longer wait is stored and left to the alarm: an object that is awake is paid for. */
export const LONGEST_AWAKE_WAIT_MS = 30_000;
/** How many background tasks a session runs at once. */
export const MAX_TASKS = 3;
/** The pause before what the runtime would not send is tried in an invocation of its own. */
export const NOT_SENT_WAIT_MS = 1_000;
/** A turn shorter than this shows no typing: the answer is the better sign, and one request cheaper. */
export const TYPING_AFTER_MS = 300;

/** How long more is waited for after a text that its sender's app may have cut, and after a picture or a forward. */
export const CUT_WAIT_MS = 1_000;
export const ALBUM_WAIT_MS = 800;
/** Parts of one text, and a forward and its comment, are sent at most so far apart. Telegram tells whole seconds. */
export const SENT_TOGETHER_MS = 3_000;
/** What is made one message: 20 of Telegram's, which stay below `MAX_MESSAGE_BYTES`; and an album. */
export const MAX_JOINED_UNITS = 80_000;
export const MAX_JOINED_FILES = 10;

/** What may wait in a session, and how much of that from one sender: all of it is in memory. */
export const MAX_WAITING = 100;
export const MAX_WAITING_BYTES = 1024 * 1024;
export const MAX_WAITING_OF_SENDER = 50;
export const MAX_WAITING_BYTES_OF_SENDER = 512 * 1024;
/** One message as JSON, in UTF-8. With the longest answer it stays below Cloudflare's 2 MB for a row. */
export const MAX_MESSAGE_BYTES = 320 * 1024;
/** An answer as JSON with its chunks, in UTF-8; a longer one is cut. */
export const MAX_ANSWER_BYTES = 1_400 * 1024;
/** Bytes of the conversation in a file of /export, stored as JSON in an answer's row. */
export const MAX_EXPORT_BYTES = 900 * 1024;

/** How long a delivery id is remembered. Telegram redelivers for 24 hours. */
export const REMEMBER_MS = 48 * 60 * 60 * 1_000;
/** How long a message that could not be answered is kept, and how many of them. */
export const REMEMBER_PARKED_MS = 30 * 24 * 60 * 60 * 1_000;
export const MAX_PARKED = 100;
/** The size that the database may have. */
export const MAX_DATABASE_BYTES = 64 * 1024 * 1024;
export const MEASURE_EVERY_ROWS = 16;
/** Rows of the oldest exchanges whose usage is added to the daily sums at a time. */
export const ROLL_UP_ROWS = 100;
/** Daily sums older than this become one sum for each model. */
export const KEEP_DAYS = 400;
/** A session untouched for so long is freed. */
export const FREE_AFTER_MS = 90 * 24 * 60 * 60 * 1_000;
/** How long a read of the override from KV is good for. */
export const OVERRIDE_FRESH_MS = 2_000;
/** How long a summary may take, and the pause before another is tried by itself after one that came to nothing. */
export const COMPRESS_MS = 120_000;
export const COMPRESS_AGAIN_MS = 10 * 60 * 1_000;
/** What is kept of a room that is listened to: messages, UTF-16 units in all, code points of each, and for how long. */
export const MAX_OVERHEARD = 50;
export const MAX_OVERHEARD_CHARS = 8_000;
export const MAX_OVERHEARD_LINE_CHARS = 1_000;
export const KEEP_OVERHEARD_MS = 24 * 60 * 60 * 1_000;
/** When it has to go, what is at least so old goes with it: the alarm rings once an hour at the most, not for each. */
export const DROP_OVERHEARD_MS = 23 * 60 * 60 * 1_000;
/** The part of `history_tokens` that a turn spends on what was overheard. */
export const OVERHEARD_SHARE = 1 / 4;

/**
 * Pictures of one message: each before base64, which endpoints that take less refuse themselves, and all together. A
 * request holds them several times over (as bytes, base64 and JSON), and an isolate of 128 MB serves other
 * sessions too.
 */
export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
export const MAX_MESSAGE_IMAGE_BYTES = 8 * 1024 * 1024;
/** Other files: text as it is, what is converted to text, and recordings (some 40 minutes of speech). */
export const MAX_TEXT_BYTES = 100 * 1024;
export const MAX_DOCUMENT_BYTES = 10 * 1024 * 1024;
export const MAX_VOICE_BYTES = 10 * 1024 * 1024;
/** What a model is shown of one of them, and of all of a message. */
export const MAX_TEXT_CHARS = 100 * 1024;
export const MAX_MESSAGE_TEXT_CHARS = 200 * 1024;
/** Files of one message that are read, and how long all of that may take. */
export const MAX_ATTACHMENTS = 10;
export const READ_ATTACHMENTS_MS = 180_000;
