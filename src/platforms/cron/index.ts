import type { Env } from "../../env.ts";
import { log } from "../../lib/log.ts";
import { PLATFORM_FACTS } from "../../message/platforms.ts";
import type { Platform } from "../platform.ts";
import { SCHEDULER } from "./limits.ts";

/** What runs at its time. Answers go to other platforms; those of a job with `deliver: log` come here. */
export const cron: Platform = {
  name: "cron",
  secrets: PLATFORM_FACTS.cron.secrets,
  delivery: {
    split: (text) => [text],
    async send({ text }, { job }) {
      log("info", "job_answer", { job, text });
      return { kind: "sent", message_id: null };
    },
  },
  sweep: (env: Env) => env.SCHEDULER.getByName(SCHEDULER).check(),
};
