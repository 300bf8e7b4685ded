import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import { FEATURES } from "#features";
import { parts } from "#parts";
import type { Accepted, Env, OverheardLine, QuestionAndAnswer, SessionObject } from "../env.ts";
import { alarmOf, lifetimeOf, sqlOf } from "../lib/durable.ts";
import { systemClock } from "../lib/time.ts";
import type { InboundMessage } from "../message/message.ts";
import { SCHEDULER } from "../platforms/cron/limits.ts";
import type { SessionSettings } from "../routing/settings.ts";
import { SessionCore } from "./core.ts";
import { FREE_AFTER_MS } from "./limits.ts";
import { deaf } from "./listener.ts";
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

  async overhear(message: InboundMessage): Promise<void> {
    this.#core.overhear(message);
  }

  async overheard(): Promise<readonly OverheardLine[]> {
    return this.#core.overheard();
  }

  async dropOverheard(until: number): Promise<void> {
    this.#core.dropOverheard(until);
  }

  override async alarm(): Promise<void> {
    this.#core.alarm();
    // A room where nobody has spoken to the bot: nothing else would free it.
    if (this.#core.isBlank) await this.#clear();
  }

  async conversation(): Promise<readonly QuestionAndAnswer[]> {
    return this.#core.conversation();
  }

  async follow(delivery_id: string): Promise<ReadableStream<Uint8Array> | null> {
    return this.#core.follow(delivery_id);
  }

  async settings(): Promise<SessionSettings & { readonly memory?: string | undefined }> {
    return this.#core.settings();
  }

  async look(): Promise<void> {
    this.#core.look();
  }

  async free(): Promise<boolean> {
    if (!(await this.#core.mayBeFreed(Date.now() - FREE_AFTER_MS))) return false;
    await this.#clear();
    return true;
  }

  async #clear(): Promise<void> {
    await this.ctx.storage.deleteAll();
    this.#core = this.#start();
  }

  #start(): SessionCore {
    const { ctx, env } = this;
    const name = ctx.id.name ?? ctx.id.toString();
    const sql = sqlOf(ctx.storage);
    return new SessionCore({
      name,
      sql,
      alarm: alarmOf(ctx),
      lifetime: lifetimeOf(ctx),
      clock: systemClock,
      kv: env.OVERRIDES,
      routes,
      env,
      hear: parts.hear,
      features: FEATURES,
      openMemory: parts.memoryOf?.((owner) => env.MEMORY.getByName(owner)) ?? null,
      runs: parts.runs,
      scheduler: () => env.SCHEDULER.getByName(SCHEDULER),
      peers: parts.Peers && new parts.Peers(sql),
      overheard: parts.Overheard ? new parts.Overheard(sql) : deaf(sql),
      enlist: async () => registerOf(env).enlist(name),
      conversationOf: async (session) => env.SESSIONS.getByName(session).conversation(),
      roomOf: (room) => (room === name ? this.#core : env.SESSIONS.getByName(room)),
      settingsOf: async (session) => env.SESSIONS.getByName(session).settings(),
    });
  }
}
