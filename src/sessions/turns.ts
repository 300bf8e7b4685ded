import { findCommand } from "../commands/index.ts";
import { parseCommand } from "../commands/parse.ts";
import type { Accepted } from "../env.ts";
import { log } from "../lib/log.ts";
import { unlessAborted } from "../lib/time.ts";
import type { InboundMessage } from "../message/message.ts";
import type { Delivery } from "../platforms/platform.ts";
import { backoff } from "./deliver.ts";
import { questionOf } from "./history.ts";
import { type Job, jobOf } from "./job.ts";
import { Lane, type LaneHost } from "./lane.ts";
import { MAX_TURN_TRIES, NOT_SENT_WAIT_MS, OVERHEARD_SHARE, TYPING_AFTER_MS } from "./limits.ts";
import { unseenLines } from "./listening.ts";
import { LiveAnswer, openAnswer } from "./live.ts";
import { goesOn, join, partsBehind, waitFor } from "./parts.ts";
import { crashed, EXPIRED, HUSHED, replyTo, stopped } from "./reply.ts";
import { deliverAnswer, settle } from "./settle.ts";
import type { SessionState } from "./state.ts";
import type { Exchange } from "./store/exchange.ts";
import { runTurn } from "./turn.ts";
import { showWorking } from "./working.ts";

const encoder = new TextEncoder();

/** Whether somebody may end a turn in a session that others may share: an owner any, and whoever asked it. */
const mayEnd = ({ kind, exchange: { message } }: Job, turn: Job): boolean =>
  kind === "owner" || message.source.user_id === turn.exchange.message.source.user_id;

/** The turns of a session: asked and answered one at a time, in order. */
export class Turns {
  readonly lane: Lane;
  readonly #state: SessionState;
  readonly #host: LaneHost;
  readonly #effects: () => Promise<unknown>;
  /** What the model is being asked. */
  #asked: Exchange | null = null;
  /** Ends the turn in hand. */
  #stop = new AbortController();

  /** Ends the wait for more of a message, or the call of the model, because more of it is there. */
  #more = new AbortController();

  /** @param effects resolves once the commands given so far have taken effect: a turn waits for them */
  constructor(state: SessionState, host: LaneHost, effects: () => Promise<unknown>) {
    this.#state = state;
    this.#host = host;
    this.#effects = effects;
    this.lane = new Lane(host, (job) => this.#take(job));
  }

  /** Stores a question that follows from a command, and asks it in its turn. */
  ask(message: InboundMessage): void {
    this.add(this.store(message));
  }

  /**
   * Takes a stored question in its turn; one that goes on with the question in hand becomes part of that. Else it
   * waits, and its sender is shown so; or it stops what is being asked.
   */
  add(job: Job): void {
    const { head } = this.lane;
    this.lane.add(job);
    if (head === undefined) return;
    const { behind } = this.lane;
    const { ref, address } = job.exchange.message;
    if (head.exchange.state === "waiting" && partsBehind(head, behind).includes(job)) this.#more.abort();
    else if (this.#mayInterrupt(job, head)) this.#halt();
    else {
      const { env } = this.#state;
      // Behind an answer that is on its way it is asked at once.
      const isSeen = ref !== undefined && (head.exchange.state === "waiting" || behind[0] !== job);
      if (isSeen) void job.delivery.waits?.(ref, behind.indexOf(job) + 1, address, env);
      this.#host.spawn(openAnswer(job, { env, made: this.#made(job) }));
    }
  }

  /** Notes the message in which an answer grows. */
  #made({ exchange }: Job): (message_id: string) => void {
    return (message_id) => this.#state.exchanges.grows(exchange, message_id);
  }

  /** Whether a message stops what is being asked, as /stop would. */
  #mayInterrupt(job: Job, head: Job): boolean {
    return this.#state.routes.busy === "interrupt" && this.#asked === head.exchange && mayEnd(job, head);
  }

  /** What keeps a talk with another agent from going on for ever. */
  #peers({ kind }: Job) {
    return kind === "hub_peer" ? this.#state.peers : null;
  }

  #halt(): void {
    this.#stop.abort();
    this.lane.hurry();
  }

  /** Stores a question that follows from a command, for a lane to take. */
  store(message: InboundMessage): Job {
    const { exchanges, history, room, clock, name, routes } = this.#state;
    const json = JSON.stringify(message);
    const exchange = exchanges.insert(message, json, history.keepFrom, clock.now());
    room.enter(exchange.seq, message, encoder.encode(json).byteLength);
    return jobOf(exchange, name, routes);
  }

  /** Whether what looks like a command is the rest of a text here that was cut: then only a known name is one. */
  isRest(message: InboundMessage): boolean {
    const call = message.literal ? null : parseCommand(message.text);
    if (!call || findCommand(call.name)) return false;
    const { user_id } = message.source;
    const before = this.lane.jobs.findLast(({ exchange }) => exchange.message.source.user_id === user_id);
    return before?.exchange.message.part?.cut !== undefined && goesOn(message, before.exchange.message);
  }

  /** Gives a question that still waits its new text; one that is asked already, or over, keeps what it has. */
  correct({ ref, text, preface, attachments, part, sequence = 0, delivery_id }: InboundMessage): Accepted {
    const { exchanges, name } = this.#state;
    const exchange = this.lane.jobs.map((job) => job.exchange).find(({ message }) => message.ref === ref);
    const waits = exchange?.state === "waiting" && exchange !== this.#asked;
    if (!waits || (exchange.message.edited ?? 0) >= sequence) {
      log("info", "edit_ignored", { session: name, delivery_id });
      return "duplicate";
    }
    const changed = { text, preface, attachments, part, edited: sequence, literal: true } as const;
    exchanges.move(exchange, { ...exchange.message, ...changed });
    return "accepted";
  }

  /** Whether a turn goes on that came before this exchange. */
  isBusyBefore(seq: number): boolean {
    const { head } = this.lane;
    return head !== undefined && head.exchange.seq < seq;
  }

  /** Ends the turn in hand at once, and drops what waits behind it: what came before, and is the sender's to end. */
  stop(by: Job): { readonly running: boolean; readonly dropped: number } {
    const { head } = this.lane;
    const { seq } = by.exchange;
    const running =
      head !== undefined && head.exchange.seq < seq && head.exchange.state !== "done" && mayEnd(by, head);
    const waiting = this.lane.waitingBefore(seq).filter((job) => mayEnd(by, job));
    for (const job of waiting) settle(this.#state, job, stopped(job.delivery));
    if (running) this.#halt();
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
      } else if (this.#peers(job)?.hushes(exchange.message.text, job.labels, clock.now())) {
        settle(this.#state, job, HUSHED);
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

  /** Waits for what may follow a message at once, and makes one message of it. Nothing waits after an ordinary one. */
  async #gather(job: Job, stop: AbortSignal): Promise<void> {
    const { clock, sql, exchanges, room, lifetime } = this.#state;
    const { exchange } = job;
    for (;;) {
      this.#more = new AbortController();
      const parts = partsBehind(job, this.lane.behind);
      const { message } = (parts.at(-1) ?? job).exchange;
      const longest = waitFor(message);
      const wait = Math.min(longest, message.received_at + longest - clock.now());
      if (wait > 0 && !stop.aborted) {
        await clock.sleep(wait, AbortSignal.any([stop, this.#more.signal]));
        continue;
      }
      if (parts.length === 0) return;
      const whole = parts.reduce((sum, part) => join(sum, part.exchange.message), exchange.message);
      try {
        sql.atomically(() => {
          exchanges.move(exchange, whole);
          // An object before this one may have begun to show the answer to a part of it.
          const begun = parts.find((part) => part.exchange.live !== null)?.exchange.live;
          if (begun && exchange.live === null) exchanges.grows(exchange, begun);
          for (const part of parts) {
            exchanges.close(part.exchange, { outcome: "joined", said: null, usage: null });
            room.leave(part.exchange.seq);
          }
        });
      } catch (error) {
        // What is in memory is joined, and the storage has it in parts.
        lifetime.end("messages were not joined whole");
        throw error;
      }
      this.lane.drop(parts);
      return;
    }
  }

  /** One try at a turn; a bug leaves it waiting for the next. True if the runtime would not send its request. */
  async #attempt(job: Job, signal: AbortSignal): Promise<boolean> {
    const { exchange, delivery, labels } = job;
    const { env, clock, routes, hear, history, override, settings, exchanges, memory } = this.#state;
    await this.#gather(job, signal);
    const peers = this.#peers(job);
    const started = clock.now();
    // Nobody waits for a run of the scheduler: nothing is shown before it is known whether anything is said.
    const { live: shows, working }: Partial<Delivery> = exchange.message.run ? {} : delivery;
    const stopWorking = showWorking(working, exchange.message.address, env, TYPING_AFTER_MS);
    const live = shows && new LiveAnswer(shows, job, { env, clock, made: this.#made(job) });
    live?.begin();
    try {
      const begun = await unlessAborted(
        this.#effects().then(() =>
          Promise.all([
            override.current(),
            unseenLines(this.#state, exchange.message),
            memory?.told(exchange.message.source),
          ]),
        ),
        signal,
      );
      if (signal.aborted || !begun) return false;
      this.#asked = exchange;
      const [chosen, lines, remembered] = begun;
      const overheard = this.#state.overheard.told(lines, routes.history_tokens * OVERHEARD_SHARE);
      const told = overheard + questionOf(exchange.message);
      await this.#state.compressing?.beforeTurn(job, chosen, told, signal);
      const before = { history: history.before(told, exchange.message.replaces), overheard, remembered };
      const more = this.#more.signal;
      const over = this.#state.runs?.bundleOf(exchange.message, routes, env);
      const ends = AbortSignal.any([signal, more]);
      const tools = { routes, env, clock, hear, live: live?.update, over, signal: ends };
      const { asked, question } = await runTurn(job, chosen, settings.current, before, tools, peers?.note);
      // What it was asked was not all: it is asked again, with the rest.
      if (more.aborted && !signal.aborted) return false;
      await live?.end();
      if (asked.kind === "error" && asked.reason === "not_sent") return true;
      const reply = signal.aborted ? stopped(delivery, exchange.shown) : replyTo(asked, question, delivery);
      const isNew = asked.kind !== "answer" || peers?.answered(reply.text ?? "", labels, clock.now());
      settle(this.#state, job, isNew === false ? { ...reply, text: null } : reply, { asked, started });
      // In one commit with the answer, as nothing is awaited in between: what it has seen is in the conversation.
      const last = lines.at(-1);
      if (reply.said && last) this.#state.overheard.drop(last.at, last.at);
    } catch (error) {
      if (exchange.state !== "waiting") throw error;
      // Until the next try a correction is still in time.
      this.#asked = null;
      exchanges.count(exchange);
      log("error", "turn_crashed", { ...labels, tries: exchange.tries, detail: String(error) });
      await clock.sleep(backoff(exchange.tries), signal);
    } finally {
      this.#asked = null;
      await live?.end();
      stopWorking();
    }
    return false;
  }
}
