import { log } from "../lib/log.ts";
import type { LaneHost } from "./lane.ts";
import { ENLIST_AGAIN_MS } from "./limits.ts";
import type { SessionPorts } from "./state.ts";
import { readMeta, writeMeta } from "./store/tables.ts";
import { dayOf } from "./store/usage.ts";

/** The day on which the register did not hear of the session, if there was one. */
const UNLISTED_ON = "unlisted_on";

/**
 * Whether the session is on the register for the day. That it is stands nowhere, since a row is paid for: it
 * follows from an earlier message of the day whose work is done. Where the register did not hear, a row says so.
 */
export class Listing {
  readonly #ports: SessionPorts;
  readonly #host: LaneHost;
  /** The day for which this object knows it; null for none. */
  #listedOn: number | null = null;
  #isAsking = false;

  constructor(ports: SessionPorts, host: LaneHost) {
    this.#ports = ports;
    this.#host = host;
  }

  /**
   * A message was taken; the one before it came at `lastAt` (Unix milliseconds), and `isDone` says that nothing
   * was in hand.
   */
  note(lastAt: number, isDone: boolean): void {
    const today = this.#today();
    const isTold = () => readMeta(this.#ports.sql, UNLISTED_ON) !== String(today);
    if (this.#listedOn === null && isDone && dayOf(lastAt) === today && isTold()) this.#listedOn = today;
    if (this.#listedOn !== today) this.#enlist(today);
  }

  /** The alarm rang: the object before this one may have ended before the register heard of it. */
  check(): void {
    if (this.#listedOn === null) this.#enlist(this.#today());
  }

  #today(): number {
    return dayOf(this.#ports.clock.now());
  }

  #enlist(day: number): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#host.spawn(this.#tell(day));
  }

  /** @throws if the storage fails */
  async #tell(day: number): Promise<void> {
    const { name, sql, clock, enlist } = this.#ports;
    try {
      await enlist();
      this.#listedOn = day;
    } catch (error) {
      log("warn", "not_enlisted", { session: name, detail: String(error) });
      this.#listedOn = null;
      this.#host.wakeAt(clock.now() + ENLIST_AGAIN_MS);
      writeMeta(sql, UNLISTED_ON, String(day));
    } finally {
      this.#isAsking = false;
    }
  }
}
