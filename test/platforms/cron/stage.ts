import type { Accepted } from "../../../src/env.ts";
import type { InboundMessage } from "../../../src/message/message.ts";
import { dueAfter } from "../../../src/platforms/cron/calendar.ts";
import { SchedulerCore, type SchedulerPorts } from "../../../src/platforms/cron/core.ts";
import type { CronRules, JobRules } from "../../../src/routing/types.ts";
import { MemoryKv, memorySql } from "../../support/sql.ts";

export const BERLIN = "Europe/Berlin";

export const job = (name: string, schedule: string, more: Partial<JobRules> = {}): JobRules => ({
  name,
  schedule,
  prompt: `prompt of ${name}`,
  deliver: "home",
  ...more,
});

export const rules = (jobs: readonly JobRules[], more: Partial<CronRules> = {}): CronRules => ({
  timezone: BERLIN,
  grace_minutes: 30,
  jobs,
  ...more,
});

/** A scheduler on a clock that the test turns. */
export class Stage {
  readonly sql = memorySql();
  readonly kv = new MemoryKv();
  readonly handed: InboundMessage[] = [];
  homes: { readonly [platform: string]: string } = { telegram: "42" };
  now: number;
  alarm_at: number | null = null;
  /** What sessions do with a message. */
  accept: (message: InboundMessage) => Promise<Accepted> = async () => "accepted";
  reaches: SchedulerPorts["reaches"] = () => true;
  core: SchedulerCore;
  #cron: CronRules;

  constructor(start: string, cron: CronRules) {
    this.now = Date.parse(start);
    this.#cron = cron;
    this.core = this.deploy();
  }

  /** A new object starts from what is stored, with this routes file. */
  deploy(cron = this.#cron): SchedulerCore {
    this.#cron = cron;
    this.core = new SchedulerCore({
      sql: this.sql,
      alarm: {
        set: (at) => {
          this.alarm_at = at;
        },
        clear: () => {
          this.alarm_at = null;
        },
      },
      clock: { now: () => this.now, random: () => 0.5, sleep: async () => {} },
      kv: this.kv,
      routes: { cron, homes: this.homes },
      dueAfter,
      reaches: (message, at) => this.reaches(message, at),
      handOver: async (message) => {
        const known = this.handed.some(({ delivery_id }) => delivery_id === message.delivery_id);
        const outcome = known ? "duplicate" : await this.accept(message);
        if (outcome === "accepted") this.handed.push(message);
        return outcome;
      },
    });
    return this.core;
  }

  /** Lets time pass; alarms ring at their time, and the trigger comes once, at the end. */
  async until(time: string | number): Promise<void> {
    const end = typeof time === "string" ? Date.parse(time) : time;
    await this.core.check();
    while (this.alarm_at !== null && this.alarm_at <= end) {
      this.now = Math.max(this.now, this.alarm_at);
      this.alarm_at = null;
      await this.core.alarm();
    }
    this.now = end;
    await this.core.check();
  }

  /** When runs of a job that were handed over were due. */
  due = (name: string): string[] =>
    this.handed
      .filter(({ source }) => source.chat_id === name)
      .map(({ source }) => new Date(Number(source.user_id)).toISOString());
}
