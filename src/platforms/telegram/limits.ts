/** Telegram's limits, and the times this adapter works by. */

/** What a button holds, in bytes of UTF-8 (Bot API, InlineKeyboardButton). */
export const CALLBACK_DATA_BYTES = 64;
export const CHOICES_IN_ROW = 2;
/** A pressed button waits for its answer, and its press is forgotten after some minutes. */
export const ANSWER_PRESS_TIMEOUT_MS = 5_000;
/** Text of one message, in UTF-16 units (Bot API, sendMessage). */
export const MESSAGE_UNITS = 4_096;
/** Telegram ignores what comes after the hundredth entity of a message (rubenlagus/TelegramBots issue 854). */
export const MESSAGE_ENTITIES = 100;
/** A text this long may be the first part of a longer one, which the sender's app has cut. */
export const CUT_TEXT_UNITS = 4_000;
/** Below a message that is answered next, and one that waits for longer: of those that bots may set, no number. */
export const NEXT_EMOJI = "👀";
export const LATER_EMOJI = "😴";
/** How much of a message that is replied to the model sees, in characters. */
export const QUOTE_CHARACTERS = 500;
/**
 * A forum's General topic. Its messages name no topic; sendMessage refuses this id, while sendChatAction shows
 * nothing without it.
 */
export const GENERAL_TOPIC_ID = 1;

/** A chat action is shown for five seconds at most (Bot API, sendChatAction). */
export const TYPING_EVERY_MS = 4_000;
/** Shorter than `TYPING_EVERY_MS`, so that a request is over before the next one is due. */
export const TYPING_TIMEOUT_MS = 3_000;
/** Telegram answers in well under a second. After this the outcome is unknown, and there is no safe way to resend. */
export const SEND_TIMEOUT_MS = 15_000;
/** Between two states of an answer while it is written. A group takes 20 messages a minute, edits among them. */
export const LIVE_PAUSE_MS = 1_000;
export const LIVE_GROUP_PAUSE_MS = 3_000;
/** Chats of which an isolate remembers what their server refuses. */
export const MAX_REMEMBERED_CHATS = 256;
/** A state is soon outdated: it is not waited for as long as for an answer. */
export const LIVE_TIMEOUT_MS = 8_000;
/** Telegram may fetch a file from another of its centres before it answers. */
export const GET_FILE_TIMEOUT_MS = 15_000;
/** The chat's next update waits for this one's answer. */
export const GET_ME_TIMEOUT_MS = 5_000;
/** An answer repeats the message, and the one that it replies to: some 100 KB with every character escaped. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** Requests within one `send`: the first, and one for each way to cure it. */
export const MAX_SENDS = 5;
/** The largest size of a photo that is chosen for a model. */
export const MAX_PHOTO_BYTES = 5 * 1024 * 1024;
