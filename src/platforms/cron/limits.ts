/** The name of the one scheduler object. */
export const SCHEDULER = "scheduler";
/** Of a session that answers reminders, before the key of the session that they are for. */
export const REMIND = "remind:";
/** How long a session may take to store a run. */
export const HAND_OVER_TIMEOUT_MS = 10_000;
/** The pause before a run is handed over again. */
export const RETRY_MS = 30_000;
/** A run that no session took for so long is given up; a session remembers delivery ids for twice as long. */
export const GIVE_UP_MS = 24 * 60 * 60_000;
/** An alarm that is so late is lost. */
export const LOST_MS = 60_000;
/** Reminders that one session may have waiting. */
export const MAX_REMINDERS = 100;
