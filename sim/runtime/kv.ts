import { latency, type Machine } from "./machine.ts";
import { currentScope, never } from "./scope.ts";

/** A location shows what it has read for so long. */
const CACHED_MS = 60_000;
/** One write a second and key. */
const WRITE_EVERY_MS = 1_000;

interface Write {
  readonly value: string | null;
  readonly at: number;
  readonly location: string;
  /** When every other location can see it. */
  readonly everywhere_at: number;
}

/** A KV namespace: eventually consistent between locations, one write a second and key, slow or failing at times. */
export class SimulatedKv {
  readonly #machine: Machine;
  readonly #writes = new Map<string, Write[]>();
  readonly #cached = new Map<string, { readonly value: string | null; readonly until: number }>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get(key: string): Promise<string | null> {
    return this.#call("read", key, (location) => this.#read(key, location));
  }

  put(key: string, value: string): Promise<void> {
    return this.#call("write", key, (location) => this.write(key, value, location));
  }

  delete(key: string): Promise<void> {
    return this.#call("write", key, (location) => this.write(key, null, location));
  }

  /** Whether a key can be written again already. */
  takes(key: string): boolean {
    const last = this.#writes.get(key)?.at(-1);
    return last === undefined || this.#machine.loop.now - last.at >= WRITE_EVERY_MS;
  }

  /** Writes from a location, past the network. @throws Error if the key was written within the last second */
  write(key: string, value: string | null, location: string): void {
    const { loop, chance } = this.#machine;
    if (!this.takes(key)) throw new Error("KV PUT failed: 429 Too Many Requests");
    const writes = this.#writes.get(key) ?? [];
    const most = chance.hits("kv_stale", key) ? 600_000 : 60_000;
    const everywhere_at = loop.now + chance.stream(`kv spreads ${key}`).next() * most;
    this.#writes.set(key, [...writes, { value, at: loop.now, location, everywhere_at }]);
    this.#cached.set(`${location} ${key}`, { value, until: loop.now + CACHED_MS });
    this.#machine.note(
      "kv",
      () => `${location} ${value === null ? "deletes" : "puts"} ${key} ${value ?? ""}`,
    );
  }

  /** The newest value, wherever it can be seen. */
  newest(key: string): string | null {
    return this.#writes.get(key)?.at(-1)?.value ?? null;
  }

  #read(key: string, location: string): string | null {
    const { now } = this.#machine.loop;
    const place = `${location} ${key}`;
    const known = this.#cached.get(place);
    if (known !== undefined && known.until > now) return known.value;
    const seen = this.#writes
      .get(key)
      ?.findLast((write) => write.location === location || write.everywhere_at <= now);
    const value = seen?.value ?? null;
    this.#cached.set(place, { value, until: now + CACHED_MS });
    return value;
  }

  /** One operation over the network. It may fail before it is done, or after. */
  #call<Value>(kind: "read" | "write", key: string, operation: (location: string) => Value): Promise<Value> {
    const scope = currentScope("KV");
    const { owner } = scope;
    if (!owner.alive) return never();
    owner.touch("kv");
    const machine = this.#machine;
    const { loop, chance } = machine;
    return new Promise((resolve, reject) => {
      const release = owner.hold();
      const back = (act: () => void) => {
        const most = chance.hits("kv_slow", key) ? 20_000 : 80;
        loop.after(latency(machine, `kv ${key}`, 1, most), () => {
          release();
          owner.enter(scope, act);
        });
      };
      const fail = () => back(() => reject(new Error(`KV ${kind} failed: 500 Internal Server Error`)));
      owner.afterWrites(() => {
        loop.quietly(latency(machine, `kv ${key}`, 1, 40), () => {
          if (chance.hits(`kv_${kind}_fails`, key)) return fail();
          try {
            const value = operation(owner.location);
            if (chance.hits("kv_answer_lost", key)) fail();
            else back(() => resolve(value));
          } catch (error) {
            back(() => reject(error));
          }
        });
      });
    });
  }
}
