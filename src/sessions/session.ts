import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import type { CommandContext } from "../commands/command.ts";
import type { Env } from "../env.ts";
import { type Fields, log } from "../log.ts";
import { deliveryOf } from "../platforms/index.ts";
import type { InboundMessage } from "../platforms/platform.ts";
import { SessionOverride } from "../routing/overrides.ts";
import { classify } from "../routing/source.ts";
import { seeImages } from "./attachments.ts";
import { type CalledCommand, commandCall, runCommand } from "./commands.ts";
import { backoff, deliver, finalState } from "./deliver.ts";
import { assistantEntry, History, userEntry } from "./history.ts";
import { Ledger } from "./ledger.ts";
import { MAX_TURN_TRIES, OVERRIDE_FRESH_MS, TYPING_AFTER_MS, WATCHDOG_MS } from "./limits.ts";
import { type InboxRow, SessionStore, type TranscriptEntry } from "./store.ts";
import { showWorking, sleep } from "./timers.ts";
import { runTurn, type TurnOutcome } from "./turn.ts";

const CRASHED_LINE = "Something went wrong while answering this, more than once. The operator can see why.";
const COMMAND_FAILED_LINE = "That did not work. Please try again.";
const STOPPED_LINE = "Stopped.";

/**
 * One conversation: a durable inbox, the transcript and the running turn.
 *
 * A Durable Object does not serialise turns by itself (awaiting a fetch lets the next call in), so turns run
 * from a queue, one at a time, in arrival order; commands run beside it, in theirs. Whatever kills the object,
 * the inbox has the work and the alarm brings it back.
 */
export class Session extends DurableObject<Env> {
  readonly #name: string;
  readonly #store: SessionStore;
  readonly #history: History;
  readonly #ledger: Ledger;
  readonly #override: SessionOverride;
  /** Turns not finished, oldest first; the first is the one in hand. */
  readonly #queue: InboxRow[] = [];
  /** The effect of the last command: a turn waits for the commands that came before it. */
  #commands: Promise<unknown> = Promise.resolve();
  /** Set while the first row of the queue is being answered or delivered. */
  #turn: AbortController | null = null;
  /** The row whose first try was stored together with its message. */
  #counted: InboxRow | null = null;
  #alarmAt: number | null = null;

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
    for (const row of this.#store.open()) this.#take(row);
  }

  /**
   * Stores a message and starts on it. Once this resolves the message is durable: the object's output gate
   * holds the answer back until its row is written.
   */
  async accept(message: InboundMessage): Promise<"accepted" | "duplicate"> {
    const now = Date.now();
    const startsNow = this.#queue.length === 0;
    const row = this.#store.insert(message, startsNow ? 1 : 0, now);
    if (!row) return "duplicate";
    if (startsNow) this.#counted = row;
    this.#watch(now);
    this.#take(row);
    return "accepted";
  }

  /** The watchdog: whatever ended a turn, the constructor has taken up its row again by now. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#alarmAt = null;
    this.#store.prune(now);
    if (this.#store.hasOpen()) this.#watch(now);
  }

  /** Arms the alarm where none is armed: one write for a burst of messages, not one each. */
  #watch(now: number): void {
    if (this.#alarmAt !== null) return;
    this.#alarmAt = now + WATCHDOG_MS;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(this.#alarmAt));
  }

  #take(row: InboxRow): void {
    const call = row.state === "waiting" ? commandCall(row.message, deliveryOf(row.message)) : null;
    if (call) {
      this.ctx.waitUntil(this.#command(row, call));
    } else {
      this.#queue.push(row);
      if (this.#queue.length === 1) this.ctx.waitUntil(this.#drain().catch((error) => this.#restart(error)));
    }
  }

  async #command(row: InboxRow, call: CalledCommand): Promise<void> {
    const delivery = deliveryOf(row.message);
    const effect = this.#commands.then(() => runCommand(call, delivery, this.#commandContext(row)));
    this.#commands = effect.catch(() => {});
    try {
      this.#answered(row, await effect, "ok");
    } catch (error) {
      log("error", "command_failed", { ...this.#labels(row), command: call.name, detail: String(error) });
      this.#answered(row, COMMAND_FAILED_LINE, "crashed");
    }
    await deliver(row, delivery, this.#store, this.env, this.#labels(row));
  }

  #commandContext({ message }: InboxRow): CommandContext {
    return {
      message,
      kind: classify(message.source, routes),
      routes,
      env: this.env,
      session: {
        override: () => this.#override.current(),
        setOverride: (override) => this.#override.set(override, message.source.user_id ?? ""),
        stop: () => this.#stop(),
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
    for (let row = this.#queue[0]; row; row = this.#queue[0]) {
      const turn = new AbortController();
      this.#turn = turn;
      while (row.state === "waiting") await this.#attempt(row, turn.signal);
      await deliver(row, deliveryOf(row.message), this.#store, this.env, this.#labels(row), turn.signal);
      this.#turn = null;
      this.#queue.shift();
    }
  }

  /** Storage no longer answers this object: a new one starts from what is stored, when the alarm rings. */
  #restart(error: unknown): void {
    log("error", "session_restarts", { session: this.#name, detail: String(error) });
    this.ctx.abort();
  }

  /** One try at a row's turn; a bug or a broken storage call leaves the row waiting for the next. */
  async #attempt(row: InboxRow, signal: AbortSignal): Promise<void> {
    const started = Date.now();
    if (row === this.#counted) {
      this.#counted = null;
    } else if (row.tries >= MAX_TURN_TRIES) {
      this.#answered(row, CRASHED_LINE, "crashed");
      return;
    } else {
      row.tries++;
      this.#store.save(row, started);
    }
    const delivery = deliveryOf(row.message);
    const stopWorking = showWorking(delivery.working, row.message.address, this.env, TYPING_AFTER_MS);
    try {
      await this.#commands;
      const question = userEntry(asTranscribed(row.message));
      const outcome = await runTurn({
        message: row.message,
        history: this.#history.before(question),
        override: await this.#override.current(),
        routes,
        env: this.env,
        signal,
        see: (bundle) => seeImages(row.message, bundle, delivery, this.env, signal),
      });
      this.#store.atomically(() => {
        if (signal.aborted) this.#stopped(row);
        else this.#conclude(row, question, outcome);
        if (outcome.record) this.#ledger.record({ ...outcome.record, outcome: row.outcome }, Date.now());
      });
      this.#logTurn(row, outcome, started);
    } catch (error) {
      log("error", "turn_crashed", { ...this.#labels(row), tries: row.tries, detail: String(error) });
      await sleep(backoff(row.tries), signal);
      if (signal.aborted) this.#stopped(row);
    } finally {
      stopWorking();
    }
  }

  /** Stores what a turn came to; all of it, before any of it is sent. */
  #conclude(row: InboxRow, question: TranscriptEntry, outcome: TurnOutcome): void {
    const delivery = deliveryOf(row.message);
    if (outcome.kind === "declined") {
      this.#answered(row, delivery.tells_errors === false ? null : outcome.line, "declined");
      return;
    }
    if (outcome.kind === "error") {
      this.#answered(row, delivery.tells_errors === false ? null : outcome.line, outcome.reason);
      return;
    }
    const prepared = delivery.prepare ? delivery.prepare(outcome.text) : outcome.text;
    const text = prepared !== null && outcome.note ? `${prepared}\n\n${outcome.note}` : prepared;
    this.#history.append(question, assistantEntry(outcome.text), Date.now());
    this.#answered(row, text, "ok");
  }

  /** Gives a row its answer and stores it; null answers with nothing. */
  #answered(row: InboxRow, text: string | null, outcome: string): void {
    row.outcome = outcome;
    row.chunks = text === null ? [] : deliveryOf(row.message).split(text);
    row.state = row.chunks.length > 0 ? "answered" : finalState(outcome);
    this.#store.save(row, Date.now());
  }

  /** Ends the turn in hand at once, and drops what waits behind it. */
  #stop(): { running: boolean; dropped: number } {
    const running = this.#turn !== null;
    this.#turn?.abort();
    const waiting = this.#queue.slice(running ? 1 : 0).filter(({ state }) => state === "waiting");
    for (const row of waiting) this.#stopped(row);
    return { running, dropped: waiting.length };
  }

  #stopped(row: InboxRow): void {
    this.#answered(row, deliveryOf(row.message).owes_answer ? STOPPED_LINE : null, "stopped");
  }

  #labels({ message }: InboxRow): Fields {
    return { platform: message.source.platform, session: this.#name, delivery_id: message.delivery_id };
  }

  #logTurn(row: InboxRow, outcome: TurnOutcome, started: number): void {
    const now = Date.now();
    const stopped = row.outcome === "stopped";
    const level = outcome.kind === "error" && !stopped ? outcome.level : "info";
    log(level, "turn", {
      ...this.#labels(row),
      ...outcome.fields,
      duration_ms: now - started,
      waited_ms: started - row.message.received_at,
      starts: row.tries,
      chunks: row.chunks?.length ?? 0,
      outcome: row.outcome,
    });
  }
}

/** The question as later turns see it: what it carried beside its text is named, not kept. */
function asTranscribed({ preface = "", attachments = [], text }: InboundMessage): string {
  return `${preface}${attachments.map(({ kind }) => `[${kind}] `).join("")}${text}`;
}
