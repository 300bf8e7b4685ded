import type { Accepted } from "../../src/env.ts";
import type { Lifetime } from "../../src/lib/ports.ts";
import type { Clock } from "../../src/lib/time.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import type { SessionPorts } from "../../src/sessions/state.ts";
import type { Costs, CountedAlarm } from "./count.ts";

/** An object that nothing comes to is out of memory after this long (70 to 140 s at Cloudflare). */
const EVICTED_AFTER_MS = 100_000;
/** How often the register looks at a session in use. */
const LOOK_EVERY_MS = 6 * 60 * 60 * 1_000;

/** A clock that stands still unless it is moved; who sleeps moves it. */
export class MovedClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  async sleep(ms: number): Promise<void> {
    this.#now += ms;
  }

  moveTo(time: number): void {
    this.#now = Math.max(this.#now, time);
  }
}

/** Work that goes on after a call; the object is not to end by itself here. */
export class Work implements Lifetime {
  readonly #running = new Set<Promise<unknown>>();
  #ended: string | null = null;

  keepAlive(work: Promise<unknown>): void {
    this.#running.add(work);
    const over = () => this.#running.delete(work);
    work.then(over, over);
  }

  end(why: string): void {
    this.#ended = why;
  }

  /** Resolves when nothing is running. @throws if the object ended */
  async over(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    if (this.#ended !== null) throw new Error(`the object ended: ${this.#ended}`);
  }
}

interface Outer {
  readonly clock: MovedClock;
  readonly alarm: CountedAlarm;
  readonly work: Work;
  readonly costs: Costs;
}

/** A session over simulated days: its alarm rings, the register looks at it, its object comes and goes. */
export class Simulation {
  readonly #outer: Outer;
  readonly #ports: SessionPorts;
  #core: SessionCore | null = null;
  #touchedAt = 0;

  constructor(outer: Outer, ports: SessionPorts) {
    this.#outer = outer;
    this.#ports = ports;
  }

  /** Delivers a message at this time, and lets everything come to rest. */
  async deliver(message: InboundMessage, at: number): Promise<Accepted> {
    await this.until(at);
    this.#outer.costs.worker_requests++;
    const accepted = await this.#call(at).accept(message);
    await this.#outer.work.over();
    return accepted;
  }

  /** Lets what is due before this time happen. */
  async until(time: number): Promise<void> {
    const { clock, alarm, work } = this.#outer;
    for (;;) {
      const look = (Math.floor(clock.now() / LOOK_EVERY_MS) + 1) * LOOK_EVERY_MS;
      const next = Math.min(alarm.at ?? look, look);
      if (next >= time) break;
      clock.moveTo(next);
      const core = this.#call(next);
      if (alarm.at !== null && alarm.at <= next) {
        alarm.at = null;
        core.alarm();
      } else core.look();
      await work.over();
    }
    clock.moveTo(time);
  }

  /** The object as a call finds it. */
  #call(now: number): SessionCore {
    if (now - this.#touchedAt >= EVICTED_AFTER_MS) this.#core = null;
    this.#touchedAt = now;
    this.#outer.costs.object_requests++;
    this.#core ??= new SessionCore(this.#ports);
    return this.#core;
  }
}
