import { deliveryOf } from "../platforms/index.ts";
import type { StoredOverride } from "../routing/override.ts";
import type { ResetRules } from "../routing/types.ts";
import { SessionOverride } from "./override.ts";
import type { Feature } from "./state.ts";
import { readMeta, writeMeta } from "./store/tables.ts";
import { timeOn, wallClock } from "./zone.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const MINUTE_MS = 60_000;
/** Two times of the same time of day are further apart than this, whatever the clocks do between them. */
const SHORTEST_DAY_MS = 20 * 60 * MINUTE_MS;
/** When the session was reset last, in Unix milliseconds. */
const RESET_AT = "reset_at";

/** Ends a session's conversation by itself, as the routes file says: what was said, and what was chosen. */
export const resetting: Feature = ({ kv, name, sql, clock, routes: { reset } }, state) => {
  const override = new ResettableOverride(kv, name, sql, clock);
  const lineAt = reset && resetLines(reset);
  return {
    override,
    resetBefore(exchange, lastAt) {
      const { history, settings, exchanges, memory } = state();
      const { message } = exchange;
      const now = clock.now();
      // What the scheduler asks is no conversation that anybody left alone.
      const line = lineAt && lastAt > 0 && !message.run ? lineAt(lastAt, now) : null;
      if (line === null) return;
      memory?.flush(message.source, history.read());
      history.clear(exchange.seq - 1);
      settings.set({});
      override.leaveBehind(now);
      // A line about the conversation is for people: it never reaches another agent.
      if (deliveryOf(message).tells_errors === false) return;
      exchanges.move(exchange, { ...message, notice: `${line}\n\n` });
    },
  };
};

/**
 * An override that a reset leaves behind: what was chosen before it is in force no more, whatever ends the object
 * meanwhile. What an operator has put into KV without a time stays.
 */
class ResettableOverride extends SessionOverride {
  readonly #sql;
  #resetAt: number | undefined;

  constructor(...[kv, session, sql, clock]: ConstructorParameters<typeof SessionOverride>) {
    super(kv, session, sql, clock);
    this.#sql = sql;
  }

  override async current(): Promise<StoredOverride | null> {
    this.#resetAt ??= Number(readMeta(this.#sql, RESET_AT) ?? 0);
    const there = await super.current();
    // What is chosen with the very message that came after a reset has its time.
    if (!(Date.parse(there?.set_at ?? "") < this.#resetAt)) return there;
    await this.set(null, "");
    return null;
  }

  /** @throws if the storage fails */
  leaveBehind(now: number): void {
    writeMeta(this.#sql, RESET_AT, String(now));
    this.#resetAt = now;
  }
}

/**
 * What the answer to a message begins with where a conversation ends before it; null where it goes on. Its parameters
 * are when the message before it came, and when it came, in Unix milliseconds.
 * @example resetLines({ idle_ms: 60_000 })(0, 60_001) // "(A new conversation: nothing was said in the last one for …"
 */
export function resetLines({ idle_ms, daily }: ResetRules): (lastAt: number, now: number) => string | null {
  const newest = daily ? newestOf(daily) : null;
  return (lastAt, now) => {
    if (daily && newest && lastAt < newest(now)) {
      return `(A new day, a new conversation: the last one ended at ${clockTime(daily.at_minutes)}.)`;
    }
    if (idle_ms === undefined || now - lastAt <= idle_ms) return null;
    return `(A new conversation: nothing was said in the last one for ${span(idle_ms)}.)`;
  };
}

/** Gives the newest time at which conversations ended that is not after now; all in Unix milliseconds. */
function newestOf({ at_minutes, timezone }: NonNullable<ResetRules["daily"]>): (now: number) => number {
  const clock = wallClock(timezone);
  let known = Number.NEGATIVE_INFINITY;
  return (now) => {
    if (now >= known && now < known + SHORTEST_DAY_MS) return known;
    const today = Math.floor(clock(now) / DAY_MS) * DAY_MS;
    // Where clocks are put back over midnight, they may show yesterday's date again after today's time.
    const times = [1, 0, -1].map((days) => timeOn(today + days * DAY_MS + at_minutes * MINUTE_MS, clock));
    known = times.find((time) => time <= now) ?? Number.NEGATIVE_INFINITY;
    return known;
  };
}

const clockTime = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** @example span(86_400_000) // "24 hours" */
function span(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  const [count, unit] = minutes % 60 === 0 ? [minutes / 60, "hour"] : [minutes, "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
