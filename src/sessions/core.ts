import type { Accepted, OverheardLine, QuestionAndAnswer } from "../env.ts";
import { log } from "../lib/log.ts";
import type { InboundMessage } from "../message/message.ts";
import { deliveryOf } from "../platforms/index.ts";
import type { SessionSettings } from "../routing/settings.ts";
import { adopt, isOfAnother, scopeOf } from "./adopt.ts";
import { ask } from "./ask.ts";
import { Calls } from "./calls.ts";
import { History } from "./history.ts";
import { type Job, jobOf, restOf } from "./job.ts";
import { type Lane, leftInOrder } from "./lane.ts";
import { DROP_OVERHEARD_MS, WATCHDOG_AGAIN_MS, WATCHDOG_MS } from "./limits.ts";
import { Listing } from "./listing.ts";
import { SessionOverride } from "./override.ts";
import { noRoom } from "./reply.ts";
import { Settings } from "./settings.ts";
import { settle } from "./settle.ts";
import type { SessionPorts, SessionState } from "./state.ts";
import type { Exchange } from "./store/exchange.ts";
import { Exchanges } from "./store/exchanges.ts";
import { isMade } from "./store/tables.ts";
import { Turns } from "./turns.ts";
import { WaitingRoom } from "./waiting-room.ts";
import { Wake } from "./wake.ts";

const encoder = new TextEncoder();

/**
 * One conversation: what it accepts is stored first, then answered once, in order.
 *
 * A Durable Object does not serialise turns by itself (awaiting a fetch lets the next call in), so turns run in
 * a lane, one at a time; commands run beside it, in theirs. Whatever ends the object, the store has the work and
 * the alarm brings it back.
 */
export class SessionCore {
  readonly #state: SessionState;
  readonly #turns: Turns;
  readonly #calls: Calls;
  readonly #listing: Listing;
  readonly #wake: Wake;
  #opened = false;

  constructor(ports: SessionPorts) {
    const host = {
      clock: ports.clock,
      spawn: (work: Promise<void>) => this.#spawn(work),
      wakeAt: (time: number) => this.#wake.at(time),
      isAnswering: () => this.#turns.lane.length > 0,
    };
    this.#state = {
      ...ports,
      exchanges: new Exchanges(ports.sql),
      history: new History(ports.sql, ports.routes.history_tokens),
      override: new SessionOverride(ports.kv, ports.name, ports.sql, ports.clock),
      settings: new Settings(ports.sql),
      memory: ports.openMemory?.(ports, { ...host, ask }) ?? null,
      room: new WaitingRoom(),
    };
    this.#wake = new Wake(this.#state);
    this.#calls = new Calls(this.#state, host, () => this.#turns);
    this.#turns = new Turns(this.#state, host, this.#calls.effects);
    this.#listing = new Listing(ports, host);
  }

  /**
   * Stores a message and starts on it. Once this resolves the message is durable: the object's output gate
   * holds the answer back until its row is written.
   * @throws if the storage fails: the message is not accepted, and may be delivered again
   */
  async accept(received: InboundMessage): Promise<Accepted> {
    const { clock, exchanges, room } = this.#state;
    const now = clock.now();
    // A correction of what was never here leaves no trace.
    if (received.edit && !isMade(this.#state.sql)) return "duplicate";
    this.#open(now);
    if (received.edit) return this.#turns.correct(received);
    if (exchanges.knows(received.delivery_id)) return "duplicate";
    const message = this.#turns.isRest(received) ? { ...received, literal: true as const } : received;
    const json = JSON.stringify(message);
    const bytes = encoder.encode(json).byteLength;
    const refusal = room.refuses(message, bytes);
    if (refusal !== null) return this.#refuse(message, refusal, now);
    const { lastAt } = exchanges;
    const isDone = this.#isDone;
    const behind: Job[] = [];
    const job = this.#insert(message, json, now, (inserted) => {
      this.#prepare(inserted.exchange, lastAt === 0);
      const rest = restOf(inserted, this.#state.routes.access);
      if (rest) behind.push(this.#turns.store(rest));
    });
    room.enter(job.exchange.seq, message, bytes);
    this.#listing.note(lastAt, isDone);
    this.#calls.begin(job);
    if (job.call) this.#calls.lane.add(job);
    else this.#turns.add(job);
    for (const rest of behind) this.#turns.add(rest);
    return "accepted";
  }

  /** The watchdog. Whatever ended the work, opening has taken it up again by the time this looks on. */
  alarm(): void {
    this.#wake.rang();
    this.look();
    // A room where nobody has spoken to the bot is on no list: it is freed as soon as it is empty.
    if (this.#state.exchanges.lastAt > 0) this.#listing.check();
    this.dropOverheard(this.#state.clock.now() - DROP_OVERHEARD_MS);
    this.#wake.at();
  }

  /** Keeps a message that does not address the bot, without a turn. Throws if the storage fails. */
  overhear(message: InboundMessage): void {
    const { clock, overheard } = this.#state;
    this.#open(clock.now());
    const isFirst = overheard.until === null;
    overheard.keep(message);
    // The alarm of the first one is still there for the others: it costs a row.
    if (isFirst) this.#wake.at();
  }

  /** What was overheard here, oldest first. */
  overheard(): readonly OverheardLine[] {
    const now = this.#state.clock.now();
    this.#open(now);
    return this.#state.overheard.lines(now);
  }

  /** Forgets what was overheard here up to then, in Unix milliseconds. */
  dropOverheard(until: number): void {
    this.#open(this.#state.clock.now());
    this.#state.overheard.drop(until);
  }

  /** Whether nothing is stored here that anybody needs: no message, and nothing overheard. */
  get isBlank(): boolean {
    const { exchanges, overheard } = this.#state;
    return this.#isDone && exchanges.lastAt === 0 && overheard.until === null;
  }

  /** What turns send of the conversation, oldest first. */
  conversation(): readonly QuestionAndAnswer[] {
    this.#open(this.#state.clock.now());
    return this.#state.history.read();
  }

  /** What is chosen here beside the model, and what is remembered of the chat. */
  settings(): SessionSettings & { readonly memory?: string | undefined } {
    this.#open(this.#state.clock.now());
    const { settings, memory } = this.#state;
    return { ...settings.current, memory: memory?.text };
  }

  /**
   * Whether the session's storage may go: nothing is unfinished, no message has come since then (Unix milliseconds),
   * and what was chosen is kept elsewhere.
   */
  async mayBeFreed(time: number): Promise<boolean> {
    this.#open(this.#state.clock.now());
    const isUntouched = () => this.#isDone && this.#state.exchanges.lastAt < time;
    return isUntouched() && (await this.#state.override.isHandedOver()) && isUntouched();
  }

  /** Takes up what is not finished, and sees to it that the alarm rings while there is any. @throws if storage fails */
  look(): void {
    const now = this.#state.clock.now();
    this.#open(now);
    const times = this.#lanes.flatMap((lane) => {
      lane.start();
      return lane.due === null ? [] : [lane.due || now + WATCHDOG_AGAIN_MS];
    });
    if (times.length > 0) this.#wake.at(Math.min(...times));
  }

  /** Reads what an object before this one left. The first turn and command may be why it ended: they are counted. */
  #open(now: number): void {
    if (this.#opened) return;
    const { exchanges, room } = this.#state;
    const jobs = exchanges.open(now).map((exchange) => this.#jobOf(exchange));
    const calls = leftInOrder(jobs.filter(({ call }) => call !== null));
    const turns = leftInOrder(jobs.filter(({ call }) => call === null));
    for (const head of [calls[0]?.exchange, turns[0]?.exchange]) {
      if (head?.state === "waiting" && head.wake_at === null) exchanges.count(head);
    }
    // From here on nothing throws: an object that is only half open would take work up twice.
    this.#calls.lane.load(calls);
    this.#turns.lane.load(turns);
    this.#opened = true;
    if (jobs.length > 0) this.#wake.at(now + WATCHDOG_MS);
    const [first] = jobs;
    // The object before this one may have ended while it took over what the chat had under its old id.
    if (first?.exchange.seq === 1 && first.exchange.state === "waiting" && this.#state.history.from === 0)
      this.#adopt(first.exchange);
    for (const job of jobs) {
      const { state, seq, message } = job.exchange;
      if (state === "waiting") room.enter(seq, message, encoder.encode(message.text).byteLength);
      this.#calls.begin(job);
    }
    this.#calls.lane.start();
    this.#turns.lane.start();
  }

  /** Tells a sender, once, that there is no room; a peer's message is left where it came from. */
  #refuse(message: InboundMessage, why: "full" | "too_long", now: number): Accepted {
    const { tells_errors, owes_answer } = deliveryOf(message);
    if (tells_errors === false) return "full";
    if (why === "full" && !owes_answer && !this.#state.room.tellsNow(message)) return "full";
    const stub: InboundMessage = { ...message, text: "", preface: undefined, attachments: undefined };
    const tell = (job: Job) => settle(this.#state, job, noRoom(why, job.delivery));
    const job = this.#insert(stub, JSON.stringify(stub), now, tell);
    this.#calls.lane.add(job);
    return "accepted";
  }

  /** Stores a message, together with what else is written at that time: all of it or nothing. */
  #insert(message: InboundMessage, json: string, now: number, also: (job: Job) => void): Job {
    const { sql, exchanges, history, lifetime } = this.#state;
    const { keepFrom } = history;
    let isInserted = false;
    try {
      const job = sql.atomically(() => {
        const inserted = this.#jobOf(exchanges.insert(message, json, keepFrom, now));
        isInserted = true;
        also(inserted);
        return inserted;
      });
      this.#wake.at(now + WATCHDOG_MS);
      return job;
    } catch (error) {
      // What is in memory counts a message that the storage has not.
      if (isInserted) lifetime.end("a message was not stored whole");
      throw error;
    }
  }

  /** Takes over what a new session's chat had under another id, before anything else takes effect. */
  #adopt({ message: { source } }: Exchange): void {
    if (scopeOf(source) !== null) this.#calls.before(() => adopt(this.#state, source));
  }

  /** What has to happen before a group's message is answered: nothing, as a rule. */
  #prepare(exchange: Exchange, isFirst: boolean): void {
    if (isFirst) this.#adopt(exchange);
    if (isOfAnother(this.#state, exchange)) this.#calls.before(() => this.#state.override.set(null, ""));
  }

  get #isDone(): boolean {
    return this.#lanes.every(({ length }) => length === 0);
  }

  get #lanes(): readonly Pick<Lane, "length" | "due" | "start">[] {
    const { memory } = this.#state;
    return [this.#turns.lane, this.#calls.lane, ...(memory ? [memory] : [])];
  }

  #jobOf(exchange: Exchange): Job {
    return jobOf(exchange, this.#state.name, this.#state.routes);
  }

  /** Lets work run on. If storage fails, this object ends, and the next one starts from what is stored. */
  #spawn(work: Promise<void>): void {
    const { name, lifetime } = this.#state;
    const guarded = work.catch((error: unknown) => {
      log("error", "session_restarts", { session: name, detail: String(error) });
      lifetime.end("storage failed");
    });
    lifetime.keepAlive(guarded);
  }
}
