import { log } from "../lib/log.ts";
import { unlessAborted } from "../lib/time.ts";
import type { InboundMessage } from "../message/message.ts";
import { backoff } from "./deliver.ts";
import { questionOf } from "./history.ts";
import { type Job, jobOf } from "./job.ts";
import { Lane, type LaneHost } from "./lane.ts";
import { MAX_TURN_TRIES, NOT_SENT_WAIT_MS, OVERHEARD_SHARE, TYPING_AFTER_MS } from "./limits.ts";
import { unseenLines } from "./listening.ts";
import { LiveAnswer } from "./live.ts";
import { overheardText } from "./overheard.ts";
import { crashed, EXPIRED, replyTo, stopped } from "./reply.ts";
import { deliverAnswer, settle } from "./settle.ts";
import type { SessionState } from "./state.ts";
import { runTurn } from "./turn.ts";
import { showWorking } from "./working.ts";

const encoder = new TextEncoder();

/** The turns of a session: asked and answered one at a time, in order. */
export class Turns {
  readonly lane: Lane;
  readonly #state: SessionState;
  readonly #effects: () => Promise<unknown>;
  /** Ends the turn in hand. */
  #stop = new AbortController();

  /** @param effects resolves once the commands given so far have taken effect: a turn waits for them */
  constructor(state: SessionState, host: LaneHost, effects: () => Promise<unknown>) {
    this.#state = state;
    this.#effects = effects;
    this.lane = new Lane(host, (job) => this.#take(job));
  }

  /** Stores a question that follows from a command, and asks it in its turn. */
  ask(message: InboundMessage): void {
    this.lane.add(this.store(message));
  }

  /** Stores a question that follows from a command, for the lane to take. */
  store(message: InboundMessage): Job {
    const { exchanges, history, room, clock, name, routes } = this.#state;
    const json = JSON.stringify(message);
    const { keepFrom } = history;
    const insert = () => exchanges.insert(message, json, keepFrom, clock.now());
    const exchange = exchanges.withRoom(insert, keepFrom);
    room.enter(exchange.seq, message, encoder.encode(json).byteLength);
    return jobOf(exchange, name, routes);
  }

  /** Whether a turn goes on that came before this exchange. */
  isBusyBefore(seq: number): boolean {
    const { head } = this.lane;
    return head !== undefined && head.exchange.seq < seq;
  }

  /** Ends the turn in hand at once, and drops what waits behind it; only what came before this exchange. */
  stop(before: number): { readonly running: boolean; readonly dropped: number } {
    const head = this.lane.head?.exchange;
    const running = head !== undefined && head.seq < before && head.state !== "done";
    const waiting = this.lane.waitingBefore(before);
    for (const job of waiting) settle(this.#state, job, stopped(job.delivery));
    if (running) {
      this.#stop.abort();
      this.lane.hurry();
    }
    return { running, dropped: waiting.length };
  }

  /** Takes a turn to its end, or to the time at which to go on with it. */
  async #take(job: Job): Promise<number | null> {
    const { exchange, delivery } = job;
    const { env, clock, exchanges } = this.#state;
    const { signal } = this.#stop;
    while (exchange.state === "waiting") {
      if (exchange.tries >= MAX_TURN_TRIES) {
        settle(this.#state, job, crashed(delivery));
      } else if (signal.aborted) {
        settle(this.#state, job, stopped(delivery));
      } else if (delivery.reachable?.(exchange.message.address, env, clock.now()) === false) {
        settle(this.#state, job, EXPIRED);
      } else if (await this.#attempt(job, signal)) {
        // The runtime sends nothing more for this event: the next one has its own share of requests.
        const wake_at = clock.now() + NOT_SENT_WAIT_MS;
        exchanges.hold(exchange, { sending: false, sends: exchange.sends, wake_at });
        return wake_at;
      }
    }
    // What was written before it was stopped is still said.
    const stop = exchange.outcome === "stopped" ? undefined : signal;
    const due = await deliverAnswer(this.#state, job, stop);
    if (due === null) this.#stop = new AbortController();
    return due;
  }

  /** One try at a turn; a bug leaves it waiting for the next. True if the runtime would not send its request. */
  async #attempt(job: Job, signal: AbortSignal): Promise<boolean> {
    const { exchange, delivery, labels } = job;
    const { env, clock, routes, history, override, settings, exchanges } = this.#state;
    const started = clock.now();
    const stopWorking = showWorking(delivery.working, exchange.message.address, env, TYPING_AFTER_MS);
    const made = (message_id: string) => exchanges.grows(exchange, message_id);
    const live = delivery.live && new LiveAnswer(delivery.live, job, { env, clock, made });
    try {
      const begun = await unlessAborted(
        this.#effects().then(() =>
          Promise.all([override.current(), unseenLines(this.#state, exchange.message)]),
        ),
        signal,
      );
      if (signal.aborted || !begun) return false;
      const [chosen, lines] = begun;
      const overheard = overheardText(lines, routes.history_tokens * OVERHEARD_SHARE);
      const question = overheard + questionOf(exchange.message);
      const tools = { routes, env, clock, signal, live: live?.update };
      const asked = await runTurn(
        job,
        chosen,
        settings.current,
        { history: history.before(question, exchange.message.replaces), overheard },
        tools,
      );
      await live?.end();
      if (asked.kind === "error" && asked.reason === "not_sent") return true;
      const reply = signal.aborted ? stopped(delivery, live?.shown) : replyTo(asked, question, delivery);
      settle(this.#state, job, reply, { asked, started });
      // In one commit with the answer, as nothing is awaited in between: what it has seen is in the conversation.
      const last = lines.at(-1);
      if (reply.said && last) this.#state.overheard.drop(last.at, last.at);
    } catch (error) {
      if (exchange.state !== "waiting") throw error;
      exchanges.count(exchange);
      log("error", "turn_crashed", { ...labels, tries: exchange.tries, detail: String(error) });
      await clock.sleep(backoff(exchange.tries), signal);
    } finally {
      await live?.end();
      stopWorking();
    }
    return false;
  }
}
