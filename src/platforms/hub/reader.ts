import type { Accepted } from "../../env.ts";
import { log } from "../../lib/log.ts";
import type { Alarm, Lifetime, Sql } from "../../lib/ports.ts";
import type { Clock } from "../../lib/time.ts";
import type { InboundMessage } from "../../message/message.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import type { HubClient } from "./api.ts";
import { HINT_INTERVAL_MS, LOOK_TRIES } from "./limits.ts";
import { type LookReport, look } from "./look.ts";
import { pauseAfter } from "./pauses.ts";
import { InboxStore } from "./store.ts";
import { sayTrouble, sayWorks } from "./trouble.ts";
import { newMemory } from "./work.ts";

/** What the reader stands on. */
export interface ReaderPorts {
  readonly sql: Sql;
  readonly alarm: Alarm;
  readonly lifetime: Lifetime;
  readonly clock: Clock;
  readonly hub: HubClient;
  readonly routes: CompiledRoutes;
  /** Hands a message to its session; rejects when it is not certain, within seconds, that it is stored there. */
  readonly handOver: (message: InboundMessage) => Promise<Accepted>;
}

/**
 * Reads this gateway's Hub inbox: never twice at once, and after callbacks at most once per `HINT_INTERVAL_MS`. A
 * look that is due later waits for the alarm, which outlives the object and counts as an invocation of its own,
 * with its own share of requests.
 *
 * It stores no message that Hub still lists as unread (docs/storage.md says what it stores). Whatever ends it in
 * the middle of a look, the entries are still unread, or known to be marked; and sessions know a message that they
 * have already taken by its delivery id.
 */
export class HubReader {
  readonly #ports: ReaderPorts;
  readonly #store: InboxStore;
  readonly #memory = newMemory();
  #looking: Promise<void> | null = null;
  /** A hint came during the look: what it announces may have come too late for it. */
  #hinted = false;
  /** Looks in a row that could not read the inbox. */
  #failures = 0;
  /** When the alarm rings (Unix milliseconds); undefined while an earlier object may have set it. */
  #alarm_at: number | null | undefined;
  /** Unix milliseconds before which no hint starts a look. */
  #paused_until = 0;

  constructor(ports: ReaderPorts) {
    this.#ports = ports;
    this.#store = new InboxStore(ports.sql);
  }

  /** There may be something new. Returns at once; the look runs on. */
  hint(): void {
    const { clock, lifetime } = this.#ports;
    if (this.#looking !== null) this.#hinted = true;
    else if (clock.now() >= this.#paused_until) lifetime.keepAlive(this.#look());
    else if (typeof this.#alarm_at !== "number" || this.#alarm_at > this.#paused_until) {
      this.#ring(this.#paused_until);
    }
  }

  /** Looks now, or joins the look that is running; resolves when it is over. */
  async sweep(): Promise<void> {
    await (this.#looking ?? this.#look());
  }

  /** The alarm rang. */
  async alarm(): Promise<void> {
    this.#alarm_at = null;
    await this.sweep();
  }

  #look(): Promise<void> {
    this.#paused_until = this.#ports.clock.now() + HINT_INTERVAL_MS;
    this.#hinted = false;
    this.#looking = this.#lookOnce().then((next_at) => {
      this.#looking = null;
      const hinted_at = this.#hinted ? this.#paused_until : null;
      const due = [next_at, hinted_at].filter((at) => at !== null);
      this.#ring(due.length === 0 ? null : Math.max(this.#paused_until, Math.min(...due)));
    });
    return this.#looking;
  }

  /** One look; when the next is due without a hint (Unix milliseconds), or null. */
  async #lookOnce(): Promise<number | null> {
    const { clock, ...ports } = this.#ports;
    const started = clock.now();
    try {
      const tools = { ...ports, clock, store: this.#store, memory: this.#memory };
      const result = await look(tools);
      if (result.ok) {
        this.#failures = 0;
        sayWorks(this.#store, clock.now());
        return this.#tell(result.value, clock.now() - started);
      }
      this.#failures++;
      sayTrouble(result.error, this.#store, clock.now());
      const { reason, retry_after_ms = 0 } = result.error;
      if (reason === "bad_address" || this.#failures > LOOK_TRIES) return null;
      return clock.now() + Math.max(retry_after_ms, pauseAfter(this.#failures));
    } catch (error) {
      // A bug, or a storage that fails: the next sweep tries again.
      log("error", "hub_look_crashed", { detail: String(error) });
      return null;
    }
  }

  #tell({ more, retry_at, ...counts }: LookReport, ms: number): number | null {
    if (counts.unread > 0) log("info", "hub_look", { ...counts, ms });
    return more ? this.#paused_until : retry_at;
  }

  #ring(at: number | null): void {
    if (at === this.#alarm_at) return;
    this.#alarm_at = at;
    if (at === null) this.#ports.alarm.clear();
    else this.#ports.alarm.set(at);
  }
}
