import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import type { Accepted, Env, QuestionAndAnswer, SessionObject } from "../env.ts";
import { alarmOf, lifetimeOf, sqlOf } from "../lib/durable.ts";
import { systemClock } from "../lib/time.ts";
import type { InboundMessage } from "../message/message.ts";
import type { SessionSettings } from "../routing/settings.ts";
import { SessionCore } from "./core.ts";
import { FREE_AFTER_MS } from "./limits.ts";
import { registerOf } from "./register.ts";

/** One conversation, named by its session key: the session's code in a Durable Object. */
export class Session extends DurableObject<Env> implements SessionObject {
  #core: SessionCore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#core = this.#start();
  }

  accept(message: InboundMessage): Promise<Accepted> {
    return this.#core.accept(message);
  }

  override async alarm(): Promise<void> {
    this.#core.alarm();
  }

  async conversation(): Promise<QuestionAndAnswer[]> {
    return this.#core.conversation();
  }

  async settings(): Promise<SessionSettings> {
    return this.#core.settings();
  }

  async look(): Promise<void> {
    this.#core.look();
  }

  async free(): Promise<boolean> {
    if (!(await this.#core.mayBeFreed(Date.now() - FREE_AFTER_MS))) return false;
    await this.ctx.storage.deleteAll();
    this.#core = this.#start();
    return true;
  }

  #start(): SessionCore {
    const { ctx, env } = this;
    const name = ctx.id.name ?? ctx.id.toString();
    return new SessionCore({
      name,
      sql: sqlOf(ctx.storage),
      alarm: alarmOf(ctx),
      lifetime: lifetimeOf(ctx),
      clock: systemClock,
      kv: env.OVERRIDES,
      routes,
      env,
      enlist: async () => registerOf(env).enlist(name),
      conversationOf: async (session) => env.SESSIONS.getByName(session).conversation(),
      settingsOf: async (session) => env.SESSIONS.getByName(session).settings(),
    });
  }
}
