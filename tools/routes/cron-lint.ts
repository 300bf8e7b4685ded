import { wallAt } from "../../src/lib/zone.ts";
import { dueAfter } from "../../src/platforms/cron/calendar.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { nearest } from "../../src/text/nearest.ts";
import { ZONE } from "./cron.ts";
import type { Path } from "./document.ts";
import { checkEndpoint, checkFallbackKey, type Report } from "./endpoint.ts";
import { some } from "./fields.ts";
import { hint, quote } from "./issues.ts";
import type { RoutesFile } from "./schema.ts";

/** Where a job's answer may go, and what the id behind the platform looks like. */
const PLACES: { readonly [platform: string]: { readonly pattern: RegExp; readonly in_words: string } } = {
  telegram: { pattern: /^-?\d+(:\d+)?$/, in_words: "telegram:CHAT or telegram:CHAT:THREAD, by number" },
  discord: { pattern: /^\d+$/, in_words: "discord:CHANNEL, by number" },
  hub: { pattern: /^[^:]+$/, in_words: "hub:AGENT" },
};

/** Finds jobs that could not run as they are written. `now` in Unix milliseconds. */
export function checkCron(file: RoutesFile, base: Bundle, report: Report, now: number): void {
  const { cron, homes } = file;
  if (!cron) return;
  const { timezone = ZONE, jobs } = cron;
  const isZone = checkZone(timezone, report);
  const names = new Set<string>();
  jobs?.forEach((job, index) => {
    const path: Path = ["cron", "jobs", index];
    const name = job.name.toLowerCase();
    if (names.has(name))
      report("error", [...path, "name"], `another job is called ${quote(job.name)} already`);
    names.add(name);
    if (isZone) checkSchedule(job.schedule, timezone, [...path, "schedule"], report, now);
    const { name: _, ...endpoint } = job;
    checkEndpoint(endpoint, base, path, report);
    some(job.fallbacks)?.forEach((fallback, place) => {
      const at = [...path, "fallbacks", place];
      checkEndpoint(fallback, base, at, report);
      checkFallbackKey(fallback, base, at, report);
    });
    checkPlace(job.deliver ?? "home", homes, job.deliver === undefined ? path : [...path, "deliver"], report);
  });
}

function checkZone(zone: string, report: Report): boolean {
  try {
    wallAt(0, zone);
    return true;
  } catch {
    const close = nearest(zone, Intl.supportedValuesOf("timeZone"));
    report("error", ["cron", "timezone"], `unknown time zone ${quote(zone)}${hint(close)}`);
    return false;
  }
}

function checkSchedule(schedule: string, zone: string, path: Path, report: Report, now: number): void {
  try {
    if (dueAfter(schedule.trim(), zone, now) !== null) return;
    report("warning", path, `${quote(schedule)} is never due any more`);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Cron\w+: /, "") : String(error);
    const message = `${quote(schedule)} is no schedule: five fields, \`every 2h\` or an ISO time (${why})`;
    report("error", path, message);
  }
}

function checkPlace(deliver: string, homes: RoutesFile["homes"], path: Path, report: Report): void {
  if (deliver === "log") return;
  if (deliver === "home") {
    if (Object.keys(homes ?? {}).length > 0) return;
    const message = "homes names none: until /sethome makes one, answers and failures are only in the log";
    report("warning", path, message, "key");
    return;
  }
  const [platform = ""] = deliver.split(":");
  const place = Object.hasOwn(PLACES, platform) ? PLACES[platform] : undefined;
  if (!place) {
    const close = nearest(platform, ["home", "log", ...Object.keys(PLACES)]);
    const cure = close === null ? "; home, log, telegram:…, discord:… or hub:…" : hint(close);
    report("error", path, `unknown place ${quote(deliver)} to deliver to${cure}`);
  } else if (!place.pattern.test(deliver.slice(platform.length + 1))) {
    report("error", path, `${quote(deliver)} is no place to deliver to: write ${place.in_words}`);
  }
}
