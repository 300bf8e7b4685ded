import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import { parts } from "#parts";
import type { Env } from "../../env.ts";
import { deliveryOf } from "../index.ts";

/** The Durable Object of schedules. Where the routes file has no `cron:` it is an empty shell, kept for its storage. */
export const Scheduler =
  parts.scheduler?.(DurableObject<Env>, routes, parts.dueAfter, deliveryOf) ??
  class extends DurableObject<Env> {};
