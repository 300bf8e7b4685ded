import type { DurableObject } from "cloudflare:workers";
import type { Env, JobState, Reminded, ReminderState, SchedulerObject } from "../../env.ts";
import { alarmOf, sqlOf } from "../../lib/durable.ts";
import { inTime, systemClock } from "../../lib/time.ts";
import { sessionKey } from "../../message/key.ts";
import type { InboundMessage } from "../../message/message.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import type { Delivery } from "../platform.ts";
import { SchedulerCore, type SchedulerPorts } from "./core.ts";
import { HAND_OVER_TIMEOUT_MS } from "./limits.ts";

/** The class of the Durable Object that a `SchedulerCore` runs in. */
export const scheduler = (
  Base: typeof DurableObject<Env>,
  routes: CompiledRoutes,
  dueAfter: SchedulerPorts["dueAfter"],
  deliveryOf: (message: InboundMessage) => Delivery,
) =>
  class extends Base implements SchedulerObject {
    #core: SchedulerCore | undefined;

    get #running(): SchedulerCore {
      const { ctx, env } = this;
      this.#core ??= new SchedulerCore({
        sql: sqlOf(ctx.storage),
        alarm: alarmOf(ctx),
        clock: systemClock,
        kv: env.OVERRIDES,
        routes,
        dueAfter,
        reaches: (message, at) => deliveryOf(message).reachable?.(message.address, env, at) !== false,
        // A session that does not answer must not hold up the others; if it stored the run after all, it knows its id.
        handOver: (message) => {
          const session = env.SESSIONS.getByName(sessionKey(message.source));
          return inTime(HAND_OVER_TIMEOUT_MS, "the session", session.accept(message));
        },
      });
      return this.#core;
    }

    async check(): Promise<void> {
      await this.#running.check();
    }

    override async alarm(): Promise<void> {
      await this.#running.alarm();
    }

    async jobs(): Promise<readonly JobState[]> {
      return this.#running.jobs();
    }

    async runJob(name: string): Promise<void> {
      await this.#running.runJob(name);
    }

    async pauseJob(name: string, paused: boolean): Promise<void> {
      await this.#running.pauseJob(name, paused);
    }

    async remind(message: InboundMessage, at: number, text: string): Promise<Reminded> {
      return this.#running.remind(message, at, text);
    }

    async reminders(session: string): Promise<readonly ReminderState[]> {
      return this.#running.reminders(session);
    }

    async cancelReminder(session: string, id: number): Promise<boolean> {
      return this.#running.cancelReminder(session, id);
    }
  };
