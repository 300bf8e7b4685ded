import type { Accepted, JobState, Reminded, ReminderState, Scheduling } from "../../env.ts";
import { log } from "../../lib/log.ts";
import type { Alarm, Kv, Sql } from "../../lib/ports.ts";
import { parsedJson } from "../../lib/schema.ts";
import type { Clock } from "../../lib/time.ts";
import { sessionKey } from "../../message/key.ts";
import { InboundMessage } from "../../message/message.ts";
import type { CompiledRoutes, JobRules } from "../../routing/types.ts";
import type { dueAfter } from "./calendar.ts";
import { GIVE_UP_MS, LOST_MS, MAX_REMINDERS, RETRY_MS } from "./limits.ts";
import { homeOf, reminderOf, runOf } from "./messages.ts";
import { missed } from "./missed.ts";
import { type JobRow, ScheduleStore } from "./store.ts";

/** What the scheduler stands on: a Durable Object, or a simulated one. */
export interface SchedulerPorts {
  readonly sql: Sql;
  readonly alarm: Alarm;
  readonly clock: Clock;
  /** Where homes are kept. */
  readonly kv: Kv;
  readonly routes: Pick<CompiledRoutes, "cron" | "homes">;
  /** When a schedule is due; null where the routes file has no jobs. */
  readonly dueAfter: typeof dueAfter | null;
  /** Whether the answer to a message can be delivered at that time, in Unix milliseconds. */
  reaches(message: InboundMessage, at: number): boolean;
  /** Hands a message to its session; rejects when it is not certain, within seconds, that it is stored there. */
  handOver(message: InboundMessage): Promise<Accepted>;
}

/**
 * Runs what is due: jobs of the routes file, and reminders. What is due is written down before it is handed to its
 * session, and handed over until the session has it. The session knows a run by its delivery id, which is made of
 * the due time, so that whatever ends this object or that one, a due time runs once at most.
 */
export class SchedulerCore implements Scheduling {
  readonly #ports: SchedulerPorts;
  readonly #store: ScheduleStore;
  readonly #jobs: readonly JobRules[];
  readonly #zone: string;
  /** When the alarm rings (Unix milliseconds); undefined while an earlier object may have set it. */
  #alarm_at: number | null | undefined;
  /** Not before this time is anything handed over again that was not taken. */
  #retry_at = 0;

  /** Takes over the routes file: what is new in it, what has changed and what is gone. @throws if storage fails */
  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
    this.#store = new ScheduleStore(ports.sql);
    const { jobs = [], timezone = "UTC" } = ports.routes.cron ?? {};
    this.#jobs = ports.dueAfter ? jobs : [];
    this.#zone = timezone;
    this.#takeOver();
  }

  /** The trigger of every minute: an alarm that is lost is made up for. */
  async check(): Promise<void> {
    const at = this.#nextAt();
    if (at !== null && at < this.#ports.clock.now() - LOST_MS) await this.alarm();
    else this.#ring();
  }

  /** Hands over what is due. */
  async alarm(): Promise<void> {
    this.#alarm_at = null;
    const now = this.#ports.clock.now();
    this.#plan(now);
    this.#retry_at = 0;
    const works = [
      ...this.#rows().flatMap(({ job, row: { pending } }) =>
        job && pending !== null ? [this.#handOverRun(job, pending, now)] : [],
      ),
      ...this.#store.remindersDue(now).map((row) => this.#handOverReminder(row)),
    ];
    await Promise.all(works);
    this.#ring();
  }

  async jobs(): Promise<JobState[]> {
    const rows = this.#rows();
    return this.#jobs.flatMap(({ name }) => {
      const { row } = rows.find(({ job }) => job?.name === name) ?? {};
      const { next_at = null, last_at = null, paused = 0 } = row ?? {};
      return [{ name, next_at, last_at, paused: paused === 1 }];
    });
  }

  async runJob(name: string): Promise<void> {
    const now = this.#ports.clock.now();
    this.#change(name, (row) => ({ ...row, last_at: now, pending: row.pending ?? now }));
  }

  async pauseJob(name: string, paused: boolean): Promise<void> {
    const now = this.#ports.clock.now();
    this.#change(name, (row, job) => ({
      ...row,
      paused: paused ? 1 : 0,
      next_at: paused ? row.next_at : this.#next(job, now),
    }));
  }

  async remind(message: InboundMessage, at: number, text: string): Promise<Reminded> {
    const reminder = reminderOf(message, text, at);
    if (!reminder) return "unreachable";
    if (!this.#ports.reaches(reminder, at)) return "unreachable";
    const session = sessionKey(message.source);
    if (this.#store.remindersOf(session).length >= MAX_REMINDERS) return "full";
    const id = this.#store.remind(session, at, JSON.stringify(reminder));
    this.#ring();
    return id;
  }

  async reminders(session: string): Promise<ReminderState[]> {
    return this.#store.remindersOf(session).map(({ id, at, message }) => {
      const { text = "" } = parsedJson(InboundMessage, message) ?? {};
      return { id, at, text };
    });
  }

  async cancelReminder(session: string, id: number): Promise<boolean> {
    const dropped = this.#store.dropReminder(id, session);
    this.#ring();
    return dropped;
  }

  /** The rows, each with its job in the routes file if it is still there. */
  #rows(): { readonly row: JobRow; readonly job: JobRules | undefined }[] {
    return this.#store.jobs().map((row) => ({ row, job: this.#jobs.find(({ name }) => name === row.name) }));
  }

  #takeOver(): void {
    const now = this.#ports.clock.now();
    this.#store.atomically(() => {
      const rows = this.#rows();
      for (const { row, job } of rows) if (!job) this.#store.dropJob(row.name);
      for (const job of this.#jobs) {
        const { row } = rows.find(({ row: { name } }) => name === job.name) ?? {};
        const schedule = `${job.schedule} ${this.#zone}`;
        if (row?.schedule === schedule) continue;
        const { last_at = null, paused = 0, pending = null } = row ?? {};
        const next_at = this.#next(job, now);
        this.#store.put({ name: job.name, schedule, next_at, last_at, paused, pending });
      }
    });
  }

  #next = ({ schedule }: JobRules, after: number): number | null =>
    this.#ports.dueAfter?.(schedule, this.#zone, after) ?? null;

  /** Writes down which runs are due, and when each job is due next. */
  #plan(now: number): void {
    const grace_ms = (this.#ports.routes.cron?.grace_minutes ?? 0) * 60_000;
    this.#store.atomically(() => {
      for (const { row, job } of this.#rows()) {
        if (!job || row.next_at === null || row.next_at > now || row.paused) continue;
        const next = (after: number) => this.#next(job, after);
        const { due, skipped } = missed(row.next_at, next, now, grace_ms);
        // One that no session has taken yet makes way for the newer one.
        const lost = skipped || (due !== null && row.pending !== null);
        if (lost) log("warn", "runs_skipped", { job: row.name, since: iso(row.pending ?? row.next_at) });
        this.#store.put({
          ...row,
          next_at: next(now),
          last_at: due ?? row.last_at,
          pending: due ?? row.pending,
        });
      }
    });
  }

  #change(name: string, change: (row: JobRow, job: JobRules) => JobRow): void {
    const { row, job } = this.#rows().find(({ row }) => row.name === name) ?? {};
    if (row && job) this.#store.put(change(row, job));
    this.#ring();
  }

  async #handOverRun(job: JobRules, due: number, now: number): Promise<void> {
    const { routes, kv } = this.#ports;
    const done = await this.#handOver({ job: job.name, due: iso(due) }, async () => {
      const home = await homeOf(routes, kv);
      if (!home && job.deliver === "home") log("warn", "job_without_home", { job: job.name });
      return runOf(job, due, home, now);
    });
    if (!done && now - due > GIVE_UP_MS) {
      log("error", "run_given_up", { job: job.name, due: iso(due) });
      this.#store.handedOver(job.name, due);
    } else if (done) this.#store.handedOver(job.name, due);
  }

  async #handOverReminder({ id, session, message: json }: { id: number; session: string; message: string }) {
    const message = parsedJson(InboundMessage, json);
    if (!message) log("error", "reminder_unreadable", { session, id });
    const named = message && { ...message, delivery_id: `${REMINDER}${id}:${message.delivery_id}` };
    const done = !named || (await this.#handOver({ reminder: id }, async () => named));
    if (done) this.#store.dropReminder(id, session);
  }

  /** Whether a session has the message, or will never take it. */
  async #handOver(
    what: { readonly [name: string]: string | number },
    make: () => Promise<InboundMessage>,
  ): Promise<boolean> {
    try {
      const outcome = await this.#ports.handOver(await make());
      if (outcome === "full") log("error", "run_not_taken", { ...what, detail: "its session is full" });
      return true;
    } catch (error) {
      log("warn", "run_waits", { ...what, detail: String(error) });
      this.#retry_at = this.#ports.clock.now() + RETRY_MS;
      return false;
    }
  }

  /** When there is something to do (Unix milliseconds); null if nothing is left. */
  #nextAt(): number | null {
    const times = this.#rows().flatMap(({ row: { pending, next_at, paused } }) =>
      pending !== null ? [pending] : next_at === null || paused ? [] : [next_at],
    );
    // What was handed over in vain waits; what is due meanwhile does not.
    const tried_at = this.#retry_at - RETRY_MS;
    const all = [...times, this.#store.nextReminder()]
      .filter((at) => at !== null)
      .map((at) => (at <= tried_at ? this.#retry_at : at));
    return all.length === 0 ? null : Math.min(...all);
  }

  #ring(): void {
    const at = this.#nextAt();
    if (at === this.#alarm_at) return;
    this.#alarm_at = at;
    if (at === null) this.#ports.alarm.clear();
    else this.#ports.alarm.set(at);
  }
}

const REMINDER = "reminder:";
const iso = (at: number): string => new Date(at).toISOString();
