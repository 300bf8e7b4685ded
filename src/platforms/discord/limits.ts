/** Discord's limits and message flags, and the times this adapter works by. */

/** Characters of one message; Discord counts code points, so UTF-16 units never exceed it. */
export const MESSAGE_CHARS = 2_000;
/** Autocomplete choices in one answer, and characters of a choice's name or value. */
export const CHOICES = 25;
export const CHOICE_CHARS = 100;
/** Options of a select menu are as many as CHOICES; buttons of a row, and what a button holds. */
export const BUTTONS_IN_ROW = 5;
export const BUTTON_LABEL_CHARS = 80;
export const CUSTOM_ID_CHARS = 100;
/** An app that only the user installed, not the server, may send this many follow-ups per interaction. */
export const USER_INSTALL_FOLLOW_UPS = 5;
/** How much of another person's message "Ask about this" quotes. */
export const QUOTE_CHARS = 6_000;

/** Message flags: no link previews; shown to the user of the command only. */
export const SUPPRESS_EMBEDS = 4;
export const EPHEMERAL = 64;

/** Discord names no age at which a signed request is too old; five minutes is usual for webhooks. */
export const TIMESTAMP_SKEW_MS = 5 * 60 * 1_000;
/** An interaction token lives 15 minutes; the margin is for the request that uses it. */
export const TOKEN_LIFE_MS = 15 * 60 * 1_000 - 30_000;
/**
 * Until this age an unknown webhook or message means that Discord has not yet taken our deferred answer
 * in. That can take some ten seconds (https://github.com/discord/discord-api-docs/issues/7220).
 */
export const DEFERRAL_SETTLES_MS = 15_000;
/** The same where the bot can write to the channel instead: short enough for a user hardly to notice. */
export const DEFERRAL_SETTLES_WITH_BOT_MS = 4_000;
/** An earlier try of an answer that is taken up again after a restart is no older than this. */
export const EARLIER_TRY_MS = 60_000;
/** Between two states of an answer while it is written: a webhook takes five requests in two seconds. */
export const LIVE_PAUSE_MS = 1_500;
/**
 * First pause before @original is tried again; it grows with the interaction's age. It is short because a command
 * has its answer before Discord has our response.
 */
export const DEFERRAL_RETRY_MS = 100;
/** How long a request may take. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** An answer repeats the message: some 24 KB with every character escaped, and as much for one it refers to. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** The pause after a 429 that names none. */
export const RATE_LIMIT_MS = 1_000;
/** Longest name of a thread, in UTF-16 units. */
export const THREAD_NAME_CHARS = 100;
