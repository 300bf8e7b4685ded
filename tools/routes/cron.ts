import { own } from "../../src/lib/own.ts";
import { wallAt } from "../../src/lib/zone.ts";
import { sessionKey } from "../../src/message/key.ts";
import { dueAfter } from "../../src/platforms/cron/calendar.ts";
import { base as bottom, finish, over, sameEndpoint } from "../../src/routing/layers.ts";
import { sends } from "../../src/routing/providers.ts";
import { resolve } from "../../src/routing/resolve.ts";
import { routingContext } from "../../src/routing/source.ts";
import { shareOf } from "../../src/routing/split.ts";
import type {
  BundleFields,
  CompiledRoutes,
  CronRules,
  JobBundle,
  JobRules,
} from "../../src/routing/types.ts";
import { fallbacksOf } from "./draft.ts";
import { hostOf, type Report } from "./endpoint.ts";
import { fieldsOf, some, splitOf } from "./fields.ts";
import type { RoutesFile } from "./schema.ts";

const GRACE_MINUTES = 30;
export const ZONE = "UTC";

export type JobBlock = NonNullable<NonNullable<RoutesFile["cron"]>["jobs"]>[number];

/** What `cron:` compiles to, over routes that are compiled already; nothing where the file has none. */
export function cronOf(
  { cron }: RoutesFile,
  routes: Omit<CompiledRoutes, "hash">,
  report: Report,
): { cron?: CronRules } {
  if (!cron) return {};
  const { timezone = ZONE, grace_minutes = GRACE_MINUTES, jobs } = cron;
  return {
    cron: {
      timezone,
      grace_minutes,
      jobs: (jobs ?? []).map((job, index) =>
        jobOf(job, routes, (message) => report("warning", ["cron", "jobs", index], message, "key")),
      ),
    },
  };
}

type Warn = (message: string) => void;

function jobOf(job: JobBlock, routes: Omit<CompiledRoutes, "hash">, warn: Warn): JobRules {
  const { name, schedule, prompt, deliver = "home", remember } = job;
  const set = ownOf(job, routes, warn);
  return {
    name,
    schedule: schedule.trim(),
    prompt,
    deliver,
    ...(remember === true && { remember }),
    ...(Object.keys(set).length > 0 && { own: set }),
  };
}

/**
 * What a job has instead of its route's. Its bundle is made here, because a job's context is always the same; a key
 * does not follow it to another endpoint than its route's.
 */
function ownOf(job: JobBlock, routes: Omit<CompiledRoutes, "hash">, warn: Warn): JobBundle {
  const source = { platform: "cron", chat_type: "dm", chat_id: job.name } as const;
  const session = sessionKey(source);
  const routed = resolve({ ...routes, hash: "" }, routingContext(source, "cron"), null, session).bundle;
  const { name: _, ...endpoint } = job;
  const set = fieldsOf(endpoint);
  const split = splitOf(job);
  const side = split && shareOf(split, session);
  const layered = (under: typeof routed, layer: BundleFields) => {
    const { bundle } = finish(over(bottom(under), layer, "route"));
    const keeps = layer.api_key !== undefined || sameEndpoint(bundle.base_url, under.base_url);
    if (keeps) return bundle;
    if (under.api_key !== null && sends(bundle.provider)) {
      warn(`this job goes to ${hostOf(bundle.base_url)} without a key: it needs its own api_key`);
    }
    return { ...bundle, api_key: null };
  };
  const fallbacks = fallbacksOf(job, routes.base);
  const system_prompt = some(job.system_prompt);
  const tell_fallback = some(job.tell_fallback);
  const mine = layered(routed, set);
  return {
    ...(side != null && { bundle: layered(mine, sideOf(routes, side)) }),
    ...(side == null && Object.keys(set).length > 0 && { bundle: mine }),
    ...(system_prompt !== undefined && { system_prompt }),
    ...(fallbacks && { fallbacks }),
    ...(tell_fallback !== undefined && { tell_fallback }),
  };
}

const sideOf = ({ models }: Pick<CompiledRoutes, "models">, name: string): BundleFields =>
  own(models, name) ?? { model: name };

/** The next times of each job, a line each. `now` in Unix milliseconds. */
export function nextRuns({ timezone, jobs }: CronRules, count: number, now: number): string[] {
  return jobs.map(({ name, schedule, deliver }) => {
    const times: string[] = [];
    for (let at = dueAfter(schedule, timezone, now); at !== null && times.length < count; ) {
      times.push(isoIn(at, timezone));
      at = dueAfter(schedule, timezone, at);
    }
    const needs = deliver.startsWith("discord:") ? ", with DISCORD_BOT_TOKEN" : "";
    return `job ${name} to ${deliver}${needs}: ${times.join(", ") || "never"}`;
  });
}

/** @example isoIn(1792998000000, "Europe/Berlin") // "2026-10-26T09:00+01:00" */
export function isoIn(at: number, zone: string): string {
  const wall = wallAt(at, zone);
  const minutes = Math.round((wall - at) / 60_000);
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, "0");
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  return new Date(wall).toISOString().slice(0, 16) + offset;
}
