import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import type { CommandContext } from "../commands/command.ts";
import { COMMANDS } from "../commands/index.ts";
import type { Env, SessionObject } from "../env.ts";
import { type Fields, log } from "../lib/log.ts";
import type { InboundMessage } from "../message/message.ts";
import { deliveryOf } from "../platforms/index.ts";
import { classify } from "../routing/source.ts";
import { seeImages } from "./attachments.ts";
import { type CalledCommand, callOf, runCommand } from "./commands.ts";
import { backoff, deliver, finalState } from "./deliver.ts";
import { assistantEntry, History, questionOf } from "./history.ts";
import { Ledger } from "./ledger.ts";
import { MAX_TURN_TRIES, OVERRIDE_FRESH_MS, PRUNE_EVERY_MS, TYPING_AFTER_MS, WATCHDOG_MS } from "./limits.ts";
import { SessionOverride } from "./override.ts";
import { TurnQueue } from "./queue.ts";
import { commandFailed, crashed, type Reply, replyTo, stopped } from "./reply.ts";
import { type InboxRow, SessionStore } from "./store.ts";
import { showWorking, sleep, unlessAborted } from "./timers.ts";
import { runTurn, type TurnOutcome } from "./turn.ts";

/**
 * One conversation: a durable inbox, the transcript and the running turn.
 *
 * A Durable Object does not serialise turns by itself (awaiting a fetch lets the next call in), so turns run
 * from a queue, one at a time, in arrival order; commands run beside it, in theirs. Whatever kills the object,
 * the inbox has the work and the alarm brings it back.
 */
export class Session extends DurableObject<Env> implements SessionObject {
  readonly #name: string;
  readonly #store: SessionStore;
  readonly #history: History;
  readonly #ledger: Ledger;
  readonly #override: SessionOverride;
  readonly #queue = new TurnQueue();
  /** The effect of the last command: a turn waits for the commands that came before it. */
  #commands: Promise<unknown> = Promise.resolve();
  /** Set while the first row of the queue is being answered or delivered. */
  #turn: AbortController | null = null;
  /** When the alarm rings, as far as this object has armed it. */
  #alarmAt: number | null = null;
  #prunedAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#name = ctx.id.name ?? ctx.id.toString();
    this.#store = new SessionStore(ctx.storage);
    this.#history = new History(this.#store, routes.history_tokens);
    this.#ledger = new Ledger(ctx.storage.sql);
    const ownWrite = {
      read: () => this.#store.meta("override"),
      write: (value: string) => this.#store.setMeta("override", value),
    };
    this.#override = new SessionOverride(env.OVERRIDES, this.#name, ownWrite, OVERRIDE_FRESH_MS);
    const open = this.#store.open();
    if (open.length > 0) this.#arm(Date.now() + WATCHDOG_MS);
    // The first turn was running when the object before this one ended, and may be why it ended.
    const head = open.find((row) => !callOf(row));
    if (head?.state === "waiting") this.#count(head);
    for (const row of open) this.#take(row);
  }

  /**
   * Stores a message and starts on it. Once this resolves the message is durable: the object's output gate
   * holds the answer back until its row is written.
   */
  async accept(message: InboundMessage): Promise<"accepted" | "duplicate"> {
    const now = Date.now();
    const row = this.#store.insert(message, now);
    if (!row) return "duplicate";
    this.#arm(now + WATCHDOG_MS);
    this.#take(row);
    return "accepted";
  }

  /**
   * The watchdog, and the housekeeping behind it. Whatever ended a turn, the constructor has taken up its row
   * again by now.
   */
  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#alarmAt = null;
    if (now - this.#prunedAt >= PRUNE_EVERY_MS) {
      this.#prunedAt = now;
      this.#store.prune(now);
    }
    const next = this.#store.hasOpen() ? now + WATCHDOG_MS : this.#store.nextExpiry();
    if (next !== null) this.#arm(Math.max(next, now + WATCHDOG_MS));
  }

  /** Arms the alarm unless it rings earlier anyway: one write for a burst of messages, not one each. */
  #arm(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at));
  }

  #take(row: InboxRow): void {
    const call = callOf(row);
    if (call) {
      this.#spawn(this.#command(row, call));
    } else {
      this.#queue.add(row);
      if (this.#queue.length === 1) this.#spawn(this.#drain());
    }
  }

  /** Lets work run on. If storage fails it, this object ends, and the next one starts from what is stored. */
  #spawn(work: Promise<void>): void {
    const guarded = work.catch((error: unknown) => {
      log("error", "session_restarts", { session: this.#name, detail: String(error) });
      this.ctx.abort();
    });
    this.ctx.waitUntil(guarded);
  }

  async #command(row: InboxRow, call: CalledCommand): Promise<void> {
    const delivery = deliveryOf(row.message);
    const run = () => runCommand(call, delivery, this.#commandContext(row));
    const effect = call.command?.immediate ? run() : this.#commands.then(run);
    if (!call.command?.immediate) this.#commands = effect.catch(() => {});
    try {
      this.#settle(row, { text: await effect, outcome: "ok" });
    } catch (error) {
      log("error", "command_failed", { ...this.#labels(row), command: call.name, detail: String(error) });
      this.#settle(row, commandFailed(delivery));
    }
    await deliver(row, delivery, this.#store, this.env, this.#labels(row));
  }

  #commandContext({ message, seq }: InboxRow): CommandContext {
    return {
      message,
      kind: classify(message.source, routes),
      routes,
      env: this.env,
      commands: COMMANDS,
      session: {
        override: () => this.#override.current(),
        setOverride: (override) => this.#override.set(override, message.source.user_id ?? ""),
        stop: () => this.#stop(seq),
        clear: () => this.#history.clear(),
        status: () => ({
          running: this.#turn !== null,
          waiting: Math.max(0, this.#queue.length - 1),
          last: this.#ledger.last(),
          ...this.#store.counts(),
        }),
        usage: (since) => this.#ledger.byModel(since),
      },
    };
  }

  /** Works the queue off. A row leaves it only when it is done or parked. */
  async #drain(): Promise<void> {
    for (let row = this.#queue.head; row; row = this.#queue.head) {
      const turn = new AbortController();
      this.#turn = turn;
      while (row.state === "waiting") await this.#attempt(row, turn.signal);
      await deliver(row, deliveryOf(row.message), this.#store, this.env, this.#labels(row), turn.signal);
      this.#turn = null;
      this.#queue.shift();
    }
  }

  /** One try at a row's turn; a bug leaves the row waiting for the next. */
  async #attempt(row: InboxRow, signal: AbortSignal): Promise<void> {
    const started = Date.now();
    const delivery = deliveryOf(row.message);
    if (row.tries >= MAX_TURN_TRIES) {
      this.#settle(row, crashed(delivery));
      log("error", "turn", { ...this.#labels(row), tries: row.tries, outcome: row.outcome });
      return;
    }
    const stopWorking = showWorking(delivery.working, row.message.address, this.env, TYPING_AFTER_MS);
    try {
      const outcome = await this.#run(row, signal);
      if (outcome) this.#logTurn(row, outcome, started);
      else log("info", "turn", { ...this.#labels(row), outcome: row.outcome });
    } catch (error) {
      if (row.state !== "waiting") throw error;
      this.#count(row);
      log("error", "turn_crashed", { ...this.#labels(row), tries: row.tries, detail: String(error) });
      await sleep(backoff(row.tries), signal);
      if (signal.aborted) this.#settle(row, stopped(delivery));
    } finally {
      stopWorking();
    }
  }

  /** Counts a start that came to no end. */
  #count(row: InboxRow): void {
    row.tries++;
    this.#store.save(row, Date.now());
  }

  /** Runs a row's turn and stores what it came to, all of it, before any of it is sent; null if stopped before. */
  async #run(row: InboxRow, signal: AbortSignal): Promise<TurnOutcome | null> {
    const { message } = row;
    const delivery = deliveryOf(message);
    const override = await unlessAborted(
      this.#commands.then(() => this.#override.current()),
      signal,
    );
    if (signal.aborted) {
      this.#settle(row, stopped(delivery));
      return null;
    }
    const question = questionOf(message);
    const outcome = await runTurn({
      message,
      history: this.#history.before(question),
      override,
      routes,
      env: this.env,
      signal,
      see: (bundle) => seeImages(message, bundle, delivery, this.env, signal),
    });
    const reply = signal.aborted ? stopped(delivery) : replyTo(outcome, delivery);
    const answer = outcome.kind === "answer" && reply.outcome === "ok" ? assistantEntry(outcome.text) : null;
    this.#settle(row, reply, (now) => {
      if (answer) this.#store.append([question, answer], now);
      if (outcome.record) this.#ledger.record({ ...outcome.record, outcome: reply.outcome }, now);
    });
    if (answer) this.#history.extend(question, answer);
    return outcome;
  }

  /** Gives a row its answer: stored first, together with what else is written, and only then acted upon. */
  #settle(row: InboxRow, { text, outcome }: Reply, also: (now: number) => void = () => {}): void {
    const now = Date.now();
    const chunks = text === null ? [] : deliveryOf(row.message).split(text);
    const state = chunks.length > 0 ? "answered" : finalState(outcome);
    this.#store.atomically(() => {
      also(now);
      this.#store.save({ ...row, chunks, outcome, state }, now);
    });
    Object.assign(row, { chunks, outcome, state });
  }

  /** Ends the turn in hand at once, and drops what waits behind it; only what came before the command. */
  #stop(before: number): { running: boolean; dropped: number } {
    const running = this.#turn !== null && (this.#queue.head?.seq ?? before) < before;
    if (running) this.#turn?.abort();
    const waiting = this.#queue.waitingBefore(before);
    for (const row of waiting) {
      this.#settle(row, stopped(deliveryOf(row.message)));
      log("info", "turn", { ...this.#labels(row), outcome: row.outcome });
    }
    return { running, dropped: waiting.length };
  }

  #labels({ message }: InboxRow): Fields {
    return { platform: message.source.platform, session: this.#name, delivery_id: message.delivery_id };
  }

  #logTurn(row: InboxRow, outcome: TurnOutcome, started: number): void {
    const now = Date.now();
    const level = outcome.kind === "error" && row.outcome !== "stopped" ? outcome.level : "info";
    log(level, "turn", {
      ...this.#labels(row),
      ...outcome.fields,
      duration_ms: now - started,
      waited_ms: started - row.message.received_at,
      chunks: row.chunks?.length ?? 0,
      outcome: row.outcome,
    });
  }
}
