import { Ended, Life, type ObjectCall, type ObjectClass } from "./life.ts";
import { latency, type Machine } from "./machine.ts";
import { Gone } from "./scope.ts";
import { SimulatedStorage } from "./storage.ts";

/** Objects stay where they were made (developers.cloudflare.com/durable-objects/reference/data-location). */
const HOME = "fra";
/** A failed alarm rings again after 2 s, then twice as long each time, so often; then it is lost. */
const ALARM_RETRY_MS = 2_000;
const ALARM_RETRIES = 6;

/** A Durable Object over all its lives: its storage, its alarm, and the life that it leads. */
export class SimulatedObject {
  readonly name: string;
  readonly storage = new SimulatedStorage();
  /** When alarms of this object rang, in Unix milliseconds. */
  readonly rings: number[] = [];
  /** When it crashed or its storage failed it, in Unix milliseconds. */
  readonly troubles: number[] = [];
  /** When its storage was full, in Unix milliseconds. */
  readonly fulls: number[] = [];
  readonly #machine: Machine;
  readonly #Class: ObjectClass;
  readonly #env: unknown;
  #life: Life | null = null;
  /** The storage answers nothing before this time. */
  #outUntil = 0;
  #alarmTask: { readonly at: number; readonly cancel: () => void } | null = null;
  #ringing = false;
  #retries = 0;
  /** Cloudflare has given up the last alarm. */
  #lost = false;

  constructor(name: string, Class: ObjectClass, env: unknown, machine: Machine) {
    this.name = name;
    this.#Class = Class;
    this.#env = env;
    this.#machine = machine;
    this.storage.user = {
      beforeStorage: (write) => this.#beforeStorage(write),
      dirtied: () => machine.writers.add(this),
    };
  }

  get idle(): boolean {
    return this.#life?.idle ?? true;
  }

  get isWatched(): boolean {
    return this.storage.alarm !== null || this.#ringing || this.#lost;
  }

  /** Whether it is in memory. */
  get awake(): boolean {
    return this.#life !== null;
  }

  deliver(call: ObjectCall): void {
    const life = this.#wake();
    if (life instanceof Error) call.fail(life);
    else life.call(call);
  }

  /** Ends the life that it leads, if it leads one. */
  end(why: string): void {
    this.#life?.end(why);
  }

  /** From now on the storage fails, for so long. */
  cutStorage(ms: number): void {
    this.#outUntil = Math.max(this.#outUntil, this.#machine.loop.now + ms);
  }

  /** The macrotask is over. */
  settle(): void {
    this.#life?.commit();
    this.storage.rollback();
    this.#schedule();
  }

  #wake(): Life | Error {
    if (this.#life?.evicted) this.#life.end("evicted");
    if (this.#life !== null) return this.#life;
    const machine = this.#machine;
    const life = new Life(this.name, HOME, machine, this.storage, (why) => {
      this.#life = null;
      if (why !== "evicted") this.troubles.push(machine.loop.now);
      machine.ended(this);
    });
    this.#life = life;
    try {
      life.start(this.#Class, this.#env);
      return life;
    } catch (error) {
      life.end("did not start");
      return error instanceof Gone || !(error instanceof Error)
        ? new Error("Network connection lost.")
        : error;
    }
  }

  #beforeStorage(write: boolean): void {
    const { chance, loop } = this.#machine;
    const out = loop.now < this.#outUntil;
    if (!out && !(write && chance.hits("storage_full", this.name))) return;
    this.troubles.push(loop.now);
    if (!out) this.fulls.push(loop.now);
    throw new Error(out ? "internal error: storage is unavailable" : "database or disk is full: SQLITE_FULL");
  }

  /** Keeps the one task that rings the stored alarm. */
  #schedule(): void {
    const { alarm } = this.storage;
    if (this.#alarmTask?.at === alarm || this.#ringing) return;
    this.#alarmTask?.cancel();
    this.#alarmTask = null;
    if (alarm === null) return;
    this.#retries = 0;
    this.#lost = false;
    this.#ringAt(alarm);
  }

  #ringAt(at: number, delay_ms = 0): void {
    const { loop, chance } = this.#machine;
    const late = chance.hits("late_alarm", this.name) ? 60_000 : 50;
    const time = Math.max(at, loop.now) + delay_ms + latency(this.#machine, `alarm ${this.name}`, 0, late);
    const task = loop.at(time, () => this.#ring(at));
    this.#alarmTask = { at, cancel: () => loop.cancel(task) };
  }

  #ring(at: number): void {
    this.#alarmTask = null;
    this.#ringing = true;
    this.rings.push(this.#machine.loop.now);
    this.#machine.note(this.name, () => `alarm${this.#retries > 0 ? `, try ${this.#retries + 1}` : ""}`);
    this.storage.takeAlarm();
    this.deliver({
      method: "alarm",
      args: [{ retryCount: this.#retries, isRetry: this.#retries > 0 }],
      succeed: () => this.#rang(),
      fail: (error) => this.#rangInVain(at, error),
    });
  }

  #rang(): void {
    this.#ringing = false;
    this.#schedule();
  }

  /** At least once: it rings again, unless another alarm was set meanwhile. Failures count, crashes do not. */
  #rangInVain(at: number, error: Error): void {
    this.#ringing = false;
    const crashed = error instanceof Ended;
    if (this.storage.alarm !== null) {
      this.#schedule();
    } else if (crashed || this.#retries < ALARM_RETRIES) {
      this.storage.restoreAlarm(at);
      this.#ringAt(at, ALARM_RETRY_MS * 2 ** (crashed ? 0 : this.#retries++));
    } else {
      this.#machine.note(this.name, () => `the alarm is lost: ${error.message}`);
      this.#retries = 0;
      this.#lost = true;
    }
  }
}
