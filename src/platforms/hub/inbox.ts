import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import type { Env, HubInboxObject } from "../../env.ts";
import { log } from "../../lib/log.ts";
import { sessionKey } from "../../message/key.ts";
import type { InboundMessage } from "../../message/message.ts";
import { hubClient } from "./api.ts";
import { HAND_OVER_TIMEOUT_MS, HINT_INTERVAL_MS } from "./limits.ts";
import { look } from "./look.ts";
import { SeenEntries } from "./seen.ts";
import { Standings } from "./standings.ts";

/**
 * Reads this gateway's Hub inbox: never twice at once, and after callbacks at most once per
 * `HINT_INTERVAL_MS`. A look that is due later waits for the alarm, which outlives the object and counts as an
 * invocation of its own, with its own share of requests.
 *
 * It stores no message: `hub_seen` (ids that are dealt with and still unread at Hub), the key `first_look_done`,
 * and the alarm. Whatever ends it in the middle of a look, the entries are still unread, and sessions know a
 * message that they have already taken by its delivery id.
 */
export class HubInbox extends DurableObject<Env> implements HubInboxObject {
  readonly #seen: SeenEntries;
  readonly #standings = new Standings();
  #looking: Promise<void> | null = null;
  /** A hint came during the look: what it announces may have come too late for it. */
  #hinted = false;
  #armed = false;
  /** Unix milliseconds before which no hint starts a look. */
  #pausedUntil = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#seen = new SeenEntries(ctx.storage);
  }

  /** There may be something new. Returns at once; the look runs on. */
  async hint(): Promise<void> {
    if (this.#looking !== null) this.#hinted = true;
    else if (Date.now() < this.#pausedUntil) this.#lookAt(this.#pausedUntil);
    else this.ctx.waitUntil(this.#look());
  }

  /** Looks now, or joins the look that is running; resolves when it is over. */
  async sweep(): Promise<void> {
    await (this.#looking ?? this.#look());
  }

  override async alarm(): Promise<void> {
    this.#armed = false;
    await this.sweep();
  }

  #look(): Promise<void> {
    this.#pausedUntil = Date.now() + HINT_INTERVAL_MS;
    this.#hinted = false;
    if (this.#armed) this.#disarm();
    this.#looking = this.#lookOnce().finally(() => {
      this.#looking = null;
      if (this.#hinted) this.#lookAt(this.#pausedUntil);
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const started = Date.now();
    const report = await look({
      hub: hubClient(this.env),
      seen: this.#seen,
      standings: this.#standings,
      routes,
      handOver: (message) => this.#handOver(message),
    });
    if (!report.ok) {
      log("error", "hub_look_failed", { ...report.error, ms: Date.now() - started });
      return;
    }
    if (report.value.unread > 0) log("info", "hub_look", { ...report.value, ms: Date.now() - started });
    if (report.value.more) this.#hinted = true;
  }

  /** A session that does not answer must not hold up the inbox; if it stored the message after all, it knows its id. */
  async #handOver(message: InboundMessage): Promise<void> {
    const session = this.env.SESSIONS.getByName(sessionKey(message.source));
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("the session did not answer")), HAND_OVER_TIMEOUT_MS);
    try {
      await Promise.race([session.accept(message), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #lookAt(time: number): void {
    if (this.#armed) return;
    this.#armed = true;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(time));
  }

  #disarm(): void {
    this.#armed = false;
    this.ctx.waitUntil(this.ctx.storage.deleteAlarm());
  }
}
