import type { Clock } from "../lib/time.ts";
import type { Timeouts } from "../routing/bundle-fields.ts";
import { DEFAULT_TIMEOUTS } from "./limits.ts";

/** What ended a call early: a limit, or the caller. */
export type Ended = "first_token" | "idle" | "total" | "caller";

/**
 * The time limits of one call as one abort signal.
 * The timer is armed for the nearest limit and looks, when it fires, whether that has moved on since,
 * so a chunk costs a comparison and no timer. `close()` must be called.
 */
export class Deadline {
  /** Aborts when a limit has passed or the caller gave up. */
  readonly signal: AbortSignal;
  /** Which of them it was; null while the call may go on. */
  ended: Ended | null = null;
  readonly #limits: { readonly [Limit in keyof Timeouts]-?: number };
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #clock: Clock;
  readonly #last: number;
  #due: number;
  #stage: "first_token" | "idle" | "total" = "total";
  #armedFor = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param latest Unix milliseconds at which the call must be over, whatever the bundle's limits say. */
  constructor(
    timeouts: Timeouts | undefined,
    caller: AbortSignal,
    clock: Clock,
    latest = Number.POSITIVE_INFINITY,
  ) {
    this.signal = this.#controller.signal;
    this.#limits = {
      first_token_ms: timeouts?.first_token_ms ?? DEFAULT_TIMEOUTS.first_token_ms,
      idle_ms: timeouts?.idle_ms ?? DEFAULT_TIMEOUTS.idle_ms,
      total_ms: timeouts?.total_ms ?? DEFAULT_TIMEOUTS.total_ms,
    };
    this.#caller = caller;
    this.#clock = clock;
    this.#last = Math.min(clock.now() + this.#limits.total_ms, latest);
    this.#due = this.#last;
    if (caller.aborted) this.#end("caller");
    else caller.addEventListener("abort", this.#onCaller);
  }

  /** Unix milliseconds by the call's clock. */
  now(): number {
    return this.#clock.now();
  }

  /** Milliseconds left of the total limit. */
  get remaining(): number {
    return this.#last - this.#clock.now();
  }

  /** A request goes out: its first output is due. */
  awaitFirstToken(): void {
    this.#expect("first_token", this.#limits.first_token_ms);
  }

  /** Something arrived: the next network chunk is due, sooner than the idle limit if `grace` says so. */
  awaitChunk(grace = Number.POSITIVE_INFINITY): void {
    this.#expect("idle", Math.min(this.#limits.idle_ms, grace));
  }

  /** Nothing is under way: only the total limit runs. */
  rest(): void {
    this.#expect("total", Number.POSITIVE_INFINITY);
  }

  close(): void {
    this.#disarm();
    this.#caller.removeEventListener("abort", this.#onCaller);
  }

  /** The limit that ended the call, for the log. */
  describe(): string {
    if (this.ended === "first_token") return `no output within ${this.#limits.first_token_ms} ms`;
    if (this.ended === "idle") return `nothing more for ${this.#limits.idle_ms} ms`;
    if (this.ended === "total") return "no whole answer within the total time limit";
    return "stopped by the caller";
  }

  #expect(stage: "first_token" | "idle" | "total", ms: number): void {
    const due = this.#clock.now() + ms;
    if (due < this.#last) {
      this.#due = due;
      this.#stage = stage;
    } else {
      this.#due = this.#last;
      this.#stage = "total";
    }
    if (this.#due < this.#armedFor) this.#arm();
  }

  #arm(): void {
    this.#disarm();
    if (this.ended !== null) return;
    this.#armedFor = this.#due;
    this.#timer = setTimeout(this.#onTimer, Math.max(1, this.#due - this.#clock.now()));
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  readonly #onTimer = (): void => {
    if (this.#clock.now() < this.#due) this.#arm();
    else this.#end(this.#stage);
  };

  readonly #onCaller = (): void => this.#end("caller");

  #end(ended: Ended): void {
    if (this.ended !== null) return;
    this.ended = ended;
    this.#disarm();
    this.#controller.abort();
  }
}
