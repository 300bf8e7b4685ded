import { dueAfter } from "../../src/platforms/cron/calendar.ts";
import { isObject } from "../lib/json.ts";
import { endpointOf } from "./endpoint.ts";
import type { Notes } from "./notes.ts";
import { type Block, type HermesSource, text } from "./source.ts";

/** Hermes's ways of saying where an answer goes that have a counterpart here. */
const PLACE = /^(home|log|telegram:-?\d+(:\d+)?|discord:\d+)$/;

/** `cron:`, of the scheduled jobs; nothing where there are none. */
export function cronOf(source: HermesSource, notes: Notes): Record<string, unknown> {
  const names = new Set<string>();
  const jobs = source.jobs.flatMap((job, index) => {
    const given = text(job.name) ?? text(job.id) ?? String(index + 1);
    const left = (why: string) => notes.left(`the cron job ${given}`, why);
    const name = given
      .replace(/[^\w.-]+/g, "-")
      .replace(/^[^A-Za-z0-9]+/, "")
      .slice(0, 64);
    const schedule = scheduleOf(job);
    const prompt = text(job.prompt);
    if (name === "" || names.has(name.toLowerCase())) left("another job has its name");
    else if (job.enabled === false) left("it is not enabled");
    else if (prompt === undefined) left("it has no prompt: this gateway runs no scripts");
    else if (schedule === null) left("its schedule is none of this gateway's");
    else {
      names.add(name.toLowerCase());
      return [{ name, schedule, prompt, ...placeOf(job, given, notes), ...bundleOf(job, source, notes) }];
    }
    return [];
  });
  if (jobs.length === 0) return {};
  const timezone = text(source.env.HERMES_TIMEZONE) ?? text(source.config.timezone);
  if (timezone === undefined) {
    notes.left(
      "the time zone of the cron jobs",
      "Hermes takes its machine's; here it is UTC: set cron.timezone",
    );
  }
  return { cron: { ...(timezone !== undefined && { timezone }), jobs } };
}

/** A schedule as Hermes writes it, as text or as what it was read to. */
function scheduleOf({ schedule }: Block): string | null {
  const written = isObject(schedule)
    ? (text(schedule.expr) ?? text(schedule.run_at) ?? text(schedule.display))
    : text(schedule);
  if (written === undefined) return null;
  try {
    dueAfter(written, "UTC", 0);
    return written;
  } catch {
    return null;
  }
}

function placeOf({ deliver }: Block, name: string, notes: Notes): { deliver?: string } {
  const written = text(deliver) ?? "home";
  if (written === "local") return { deliver: "log" };
  if (PLACE.test(written)) return written === "home" ? {} : { deliver: written };
  if (written !== "origin" && written !== "telegram" && written !== "discord") {
    notes.left(`deliver: ${written} of the cron job ${name}`, "its answers go home");
  }
  return {};
}

function bundleOf(job: Block, source: HermesSource, notes: Notes): object {
  const { model, provider, base_url, api_key } = job;
  const set = { model, provider, base_url, api_key };
  const written = Object.entries(set).filter(([, value]) => value !== undefined && value !== null);
  return written.length === 0 ? {} : endpointOf(Object.fromEntries(written), source, notes, false);
}
