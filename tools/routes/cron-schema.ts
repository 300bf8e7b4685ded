import * as z from "zod";
import { strict, word } from "./schema-parts.ts";

/** `cron:`. A job may hold any field of a route: `action` is what a route does. */
export const cronSchema = <Action extends z.core.$ZodLooseShape>(action: Action) =>
  strict({
    timezone: z
      .string()
      .optional()
      .describe("The zone of schedules and of /remind, such as Europe/Berlin. Default: UTC."),
    grace_minutes: z
      .int()
      .min(1, "is at least 1")
      .max(1440, "is at most 1440, a day")
      .optional()
      .describe("How late a missed run is still made up, once. Default: 30."),
    jobs: z
      .array(
        strict({
          ...action,
          name: z
            .string()
            .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, "must be letters, digits, dots and dashes, at most 64")
            .describe("What the job is called in /cron and in the log."),
          schedule: word.describe(
            'When it runs: five fields of cron ("0 7 * * 1-5"), `every 2h` (m, h or d), or an ISO time for a single run.',
          ),
          prompt: word.describe("What the model is asked."),
          deliver: word
            .optional()
            .describe(
              "Where the answer goes: home, telegram:CHAT[:THREAD], discord:CHANNEL, hub:AGENT, or log. Default: home.",
            ),
          remember: z
            .boolean()
            .optional()
            .describe("Whether each run is told what the runs before it asked and answered. Default: false."),
        }),
      )
      .nullish()
      .describe("What is asked at its time. A job may set any field of a route: job over route over base."),
  })
    .nullish()
    .describe("Scheduled jobs, and /remind: both are there where this key is.");
