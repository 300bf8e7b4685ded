import * as z from "zod";
import { strict } from "./schema-parts.ts";

/** Whether the runtime knows this time zone. */
function isTimeZone(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone }));
  } catch {
    return false;
  }
}

/** When conversations end by themselves. */
export const reset = {
  reset: z
    .enum(["none", "idle", "daily", "both"])
    .optional()
    .describe(
      "When a conversation ends by itself, as if by /new: after a time without a message, each day, or whichever comes first. Looked at when the next message comes, whose answer says so. Default: none.",
    ),
  idle_minutes: z
    .int()
    .positive("must be more than 0")
    .optional()
    .describe("Minutes without a message, for `reset: idle` and `both`. Default: 1440, a day."),
  daily_at: z
    .string()
    .regex(/^([01]?\d|2[0-3]):[0-5]\d$/, 'must be a time of day, as in "04:00"')
    .optional()
    .describe('Time of day, for `reset: daily` and `both`. Default: "04:00".'),
  timezone: z
    .string()
    .refine(isTimeZone, "must be a time zone, as in Europe/Berlin")
    .optional()
    .describe("Time zone of daily_at. Default: UTC."),
};

/** When conversations are compressed by themselves. */
export const compression = strict({
  at: z
    .number()
    .positive("must be more than 0")
    .max(0.95, "is at most 0.95")
    .optional()
    .describe(
      "The part of the model block's `context` that history and question may come to. Default: 0.5. Without a `context` it is three quarters of history_tokens.",
    ),
})
  .nullish()
  .describe("Conversations are compressed by themselves: a summary takes the place of their older part.");
