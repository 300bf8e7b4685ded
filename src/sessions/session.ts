import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import type { Accepted, Env, SessionObject } from "../env.ts";
import { alarmOf, lifetimeOf, sqlOf } from "../lib/durable.ts";
import { systemClock } from "../lib/time.ts";
import type { InboundMessage } from "../message/message.ts";
import { SessionCore } from "./core.ts";

/** One conversation, named by its session key: the session's code in a Durable Object. */
export class Session extends DurableObject<Env> implements SessionObject {
  readonly #core: SessionCore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const name = ctx.id.name ?? ctx.id.toString();
    this.#core = new SessionCore({
      name,
      sql: sqlOf(ctx.storage),
      alarm: alarmOf(ctx),
      lifetime: lifetimeOf(ctx),
      clock: systemClock,
      kv: env.OVERRIDES,
      routes,
      env,
      enlist: async () => {},
    });
  }

  accept(message: InboundMessage): Promise<Accepted> {
    return this.#core.accept(message);
  }

  override async alarm(): Promise<void> {
    this.#core.alarm();
  }

  async look(): Promise<void> {
    this.#core.look();
  }

  async free(): Promise<boolean> {
    return false;
  }
}
