import { latency, type Machine } from "./machine.ts";
import { Gone, type Owner, type Scope, scopes } from "./scope.ts";
import { type StateHost, stateOf } from "./state.ts";
import type { SimulatedStorage } from "./storage.ts";

/** How long an operation that is under way keeps an object in memory. */
const HELD_MS = 15 * 60 * 1_000;

/** A call of one of the object's methods, and what becomes of it. */
export interface ObjectCall {
  readonly method: string;
  readonly args: readonly unknown[];
  succeed(value: unknown): void;
  fail(error: Error): void;
}

export type ObjectClass = new (ctx: never, env: never) => object;

/** One life of a Durable Object: from its constructor until it crashes, is evicted or replaced. */
export class Life implements Owner, StateHost {
  readonly name: string;
  readonly location: string;
  alive = true;
  /** Calls that wait for its answer. */
  readonly #calls = new Set<ObjectCall>();
  readonly #machine: Machine;
  readonly #storage: SimulatedStorage;
  readonly #onEnd: (why: string) => void;
  /** The object stays in memory for so long after its last event. */
  readonly #lingers_ms: number;
  #instance: object | null = null;
  /** The constructor runs in the invocation that started the object. */
  readonly #first: Scope = { owner: this, subrequests: 0 };
  #called = false;
  /** Input waits for this: blockConcurrencyWhile. */
  #blocked: Promise<unknown> | null = null;
  /** What was written before is durable at this time. */
  #gateOpensAt = 0;
  /** What leaves when the writes of this macrotask are durable. */
  readonly #waiting: (() => void)[] = [];
  #held = 0;
  #lastEventAt: number;
  #lastHoldAt: number;

  constructor(
    name: string,
    location: string,
    machine: Machine,
    storage: SimulatedStorage,
    onEnd: (why: string) => void,
  ) {
    this.name = name;
    this.location = location;
    this.#machine = machine;
    this.#storage = storage;
    this.#onEnd = onEnd;
    this.#lastEventAt = this.#lastHoldAt = machine.loop.now;
    this.#lingers_ms = machine.chance.stream(`lingers ${name}`).spread(10_000, 140_000);
  }

  /** Runs the constructor. @throws what it throws: the object has not started */
  start(Class: ObjectClass, env: unknown): void {
    const state = stateOf(this, this.#storage);
    this.#instance = scopes.run(this.#first, () => Reflect.construct(Class, [state, env]));
    if (!this.alive) throw new Gone(this.name);
  }

  /** Whether nothing has kept it in memory until now. */
  get evicted(): boolean {
    const { now } = this.#machine.loop;
    if (now - this.#lastEventAt <= this.#lingers_ms) return false;
    return this.#held === 0 || now - this.#lastHoldAt > HELD_MS + this.#lingers_ms;
  }

  get idle(): boolean {
    return this.#held === 0;
  }

  /** Calls a method, as an invocation of its own. */
  call(call: ObjectCall): void {
    this.#calls.add(call);
    const scope = this.#called ? { owner: this, subrequests: 0 } : this.#first;
    this.#called = true;
    if (this.#blocked === null) this.#invoke(call, scope);
    else void this.#blocked.then(() => this.#invoke(call, scope));
  }

  #invoke(call: ObjectCall, scope: Scope): void {
    const release = this.hold();
    const settle = (act: () => void) => {
      release();
      this.afterWrites(() => {
        if (this.#calls.delete(call)) act();
      });
    };
    this.enter(scope, () => {
      const method: unknown = this.#instance && Reflect.get(this.#instance, call.method);
      const answer = (async () => {
        if (typeof method !== "function") throw new TypeError(`${this.name} has no method ${call.method}`);
        return method.apply(this.#instance, structuredClone(call.args));
      })();
      answer.then(
        (value) => settle(() => call.succeed(structuredClone(value))),
        (error: unknown) =>
          settle(() => call.fail(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }

  enter(scope: Scope, run: () => void): void {
    if (this.evicted) this.end("evicted");
    if (!this.alive) return;
    this.#lastEventAt = this.#machine.loop.now;
    scopes.run(scope, () => {
      try {
        run();
      } catch (error) {
        if (!(error instanceof Gone)) this.#machine.complain(`${this.name} threw in a callback: ${error}`);
      }
    });
  }

  touch(port: string): void {
    if (!this.alive) throw new Gone(this.name);
    const { chance, loop } = this.#machine;
    if (chance.hits("crash", this.name, port)) {
      this.end("crashed");
      throw new Gone(this.name);
    }
    if (chance.hits("crash_soon", this.name, port)) {
      loop.after(chance.stream(`crash ${this.name}`).spread(1, 30_000), () => this.end("crashed"));
    }
  }

  /** Ends it at once. What is not committed is lost; who waits for an answer is told. */
  end(why: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.#storage.rollback();
    this.#machine.note(this.name, () => why);
    this.#onEnd(why);
    for (const call of this.#calls) call.fail(new Ended(WHAT_CALLERS_READ[why] ?? why));
    this.#calls.clear();
  }

  abort(why: string): never {
    this.end(why);
    throw new Gone(this.name);
  }

  waitUntil(work: Promise<unknown>): void {
    const release = this.hold();
    work.then(release, (error: unknown) => {
      release();
      if (this.alive) this.#machine.note(this.name, () => `waitUntil failed: ${error}`);
    });
  }

  block<Value>(work: () => Promise<Value>): Promise<Value> {
    const working = work();
    const over = working.then(
      () => {},
      () => this.end("its start failed"),
    );
    this.#blocked = over.then(() => {
      this.#blocked = null;
    });
    return working;
  }

  hold(): () => void {
    this.#held++;
    this.#lastHoldAt = this.#machine.loop.now;
    let held = true;
    return () => {
      if (held) this.#held--;
      held = false;
    };
  }

  afterWrites(run: () => void): void {
    const { loop } = this.#machine;
    if (this.#storage.dirty) this.#waiting.push(run);
    else if (loop.now < this.#gateOpensAt) loop.at(this.#gateOpensAt, () => this.alive && run());
    else run();
  }

  /** The macrotask is over: its writes become durable, and the gate opens when that is confirmed. */
  commit(): void {
    if (!this.alive || !this.#storage.dirty) return;
    const { chance, loop } = this.#machine;
    if (chance.hits("crash_at_commit", this.name)) {
      this.end("crashed");
      return;
    }
    this.#storage.commit();
    const slow = chance.hits("slow_commit", this.name);
    const takes = latency(this.#machine, `commit ${this.name}`, 1, slow ? 8_000 : 30);
    this.#gateOpensAt = Math.max(this.#gateOpensAt, loop.now + takes);
    const opened = this.#waiting.splice(0);
    if (opened.length === 0) return;
    loop.quietly(this.#gateOpensAt - loop.now, () => {
      for (const run of opened) if (this.alive) run();
    });
  }
}

/** What a caller gets when the object ends before it has answered. */
export class Ended extends Error {}

/** What a caller reads then. */
const WHAT_CALLERS_READ: { readonly [why: string]: string } = {
  crashed: "Network connection lost.",
  deployed: "Durable Object reset because its code was updated.",
};
