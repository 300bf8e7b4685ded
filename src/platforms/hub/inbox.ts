import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import { parts } from "#parts";
import type { Env, HubInboxObject } from "../../env.ts";
import { alarmOf, lifetimeOf, sqlOf } from "../../lib/durable.ts";
import { inTime, systemClock } from "../../lib/time.ts";
import { sessionKey } from "../../message/key.ts";
import { HAND_OVER_TIMEOUT_MS } from "./limits.ts";
import type { HubReader } from "./reader.ts";

/** The Durable Object that a `HubReader` runs in: one for each Hub agent. It does nothing where peers are ignored. */
export class HubInbox extends DurableObject<Env> implements HubInboxObject {
  #reader: HubReader | undefined;

  get #running(): HubReader | undefined {
    this.#reader ??= parts.readHub?.(this.env, {
      sql: sqlOf(this.ctx.storage),
      alarm: alarmOf(this.ctx),
      lifetime: lifetimeOf(this.ctx),
      clock: systemClock,
      routes,
      // A session that does not answer must not hold up the inbox; if it stored the message after all, it knows its id.
      handOver: (message) => {
        const session = this.env.SESSIONS.getByName(sessionKey(message.source));
        return inTime(HAND_OVER_TIMEOUT_MS, "the session", session.accept(message));
      },
    });
    return this.#reader;
  }

  async hint(): Promise<void> {
    this.#running?.hint();
  }

  async sweep(): Promise<void> {
    await this.#running?.sweep();
  }

  override async alarm(): Promise<void> {
    await this.#running?.alarm();
  }
}
