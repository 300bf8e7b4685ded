import type { TaskControls } from "../commands/session.ts";
import { verbatim } from "../commands/words.ts";
import { firstCharacters } from "../lib/first-characters.ts";
import { log } from "../lib/log.ts";
import { unlessAborted } from "../lib/time.ts";
import type { InboundMessage } from "../message/message.ts";
import type { Delivery } from "../platforms/platform.ts";
import { backoff } from "./deliver.ts";
import type { Job } from "./job.ts";
import { Lane } from "./lane.ts";
import { MAX_TASKS, MAX_TURN_TRIES, NOT_SENT_WAIT_MS } from "./limits.ts";
import { treatmentOf } from "./outcome.ts";
import { crashed, EXPIRED, type Reply, replyTo, stopped } from "./reply.ts";
import { deliverAnswer, settle } from "./settle.ts";
import type { BackgroundTasks, Feature, SessionState } from "./state.ts";
import type { Exchange } from "./store/exchange.ts";
import { runTurn } from "./turn.ts";

/** Characters of a prompt that stand above its answer. */
const TOLD = 80;

interface Store {
  store(message: InboundMessage): Job;
}

interface Running {
  readonly job: Job;
  readonly lane: Lane;
  readonly stop: AbortController;
}

/**
 * The background tasks of a session: questions that nobody waits for, each an exchange in a lane of its own beside
 * the turns. A task is asked without the conversation and is no part of it; all else it has of a turn: the bundle,
 * what is stored and when, the tries, the delivery.
 */
class Tasks implements BackgroundTasks {
  readonly #of: () => SessionState;
  /** Those whose command is not answered yet: on Discord whatever is said first is taken for that answer. */
  #held: Job[] = [];
  #running: Running[] = [];

  constructor(state: () => SessionState) {
    this.#of = state;
  }

  get #state(): SessionState {
    return this.#of();
  }

  get lanes(): readonly Lane[] {
    return this.#running.map(({ lane }) => lane);
  }

  load(jobs: readonly Job[]): Job[] {
    const left = jobs.filter(isTask);
    for (const { exchange } of left) {
      // What ended the object before this one may have been any of them.
      if (exchange.state === "waiting" && exchange.wake_at === null) this.#state.exchanges.count(exchange);
    }
    this.#held = left.map(asTask);
    return jobs.filter((job) => !isTask(job));
  }

  start(commands: readonly Job[]): void {
    const open = commands
      .filter(({ exchange }) => exchange.state !== "done")
      .map(({ exchange }) => exchange.seq);
    const isAnswered = ({ exchange: { message } }: Job) => !open.some((seq) => seq === message.task);
    const ready = this.#held.filter(isAnswered);
    this.#held = this.#held.filter((job) => !ready.includes(job));
    for (const job of ready) this.#begin(job);
  }

  controls(command: Exchange, turns: Store): TaskControls {
    return {
      begin: () => this.#store(command, turns),
      list: () =>
        this.#all.map(({ exchange: { message } }) => ({
          id: message.task ?? 0,
          prompt: beginning(message.text),
          since: message.received_at,
        })),
      stop: (id) => this.#stop(id),
    };
  }

  get #all(): readonly Job[] {
    return [...this.#running.map(({ job }) => job), ...this.#held];
  }

  /** Stores a task for a command, once however often the command is taken up. @throws if the storage fails */
  #store({ seq, message }: Exchange, turns: Store): "begun" | "full" {
    const delivery_id = `${message.delivery_id}:task`;
    if (this.#state.exchanges.knows(delivery_id)) return "begun";
    if (this.#all.length >= MAX_TASKS) return "full";
    const text = message.text.trim().replace(/^\S+\s+/, "");
    const own = { delivery_id, text, task: seq, literal: true, ref: undefined, part: undefined } as const;
    this.#held.push(asTask(turns.store({ ...message, ...own })));
    return "begun";
  }

  #stop(id: number): boolean {
    const held = this.#held.find(({ exchange }) => exchange.message.task === id);
    const running = this.#running.find(({ job }) => job.exchange.message.task === id);
    if (held) {
      this.#held = this.#held.filter((job) => job !== held);
      if (held.exchange.state === "waiting") this.#settle(held, stopped(held.delivery));
    }
    running?.stop.abort();
    running?.lane.hurry();
    return held !== undefined || running !== undefined;
  }

  #begin(job: Job): void {
    const stop = new AbortController();
    const lane = new Lane(this.#state.host, async () => {
      const due = await this.#take(job, stop.signal);
      if (due === null) this.#running = this.#running.filter((one) => one.job !== job);
      return due;
    });
    this.#running.push({ job, lane, stop });
    lane.add(job);
  }

  /** Takes a task to its end, or to the time at which to go on with it. */
  async #take(job: Job, signal: AbortSignal): Promise<number | null> {
    const { exchange, delivery } = job;
    const { env, clock, exchanges } = this.#state;
    while (exchange.state === "waiting") {
      if (exchange.tries >= MAX_TURN_TRIES) {
        this.#settle(job, crashed(delivery));
      } else if (signal.aborted) {
        this.#settle(job, stopped(delivery));
      } else if (delivery.reachable?.(exchange.message.address, env, clock.now()) === false) {
        this.#settle(job, EXPIRED);
      } else if (await this.#attempt(job, signal)) {
        const wake_at = clock.now() + NOT_SENT_WAIT_MS;
        exchanges.hold(exchange, { sending: false, sends: exchange.sends, wake_at });
        return wake_at;
      }
    }
    return deliverAnswer(this.#state, job, signal);
  }

  /** One try; a bug leaves it waiting for the next. True if the runtime would not send its request. */
  async #attempt(job: Job, signal: AbortSignal): Promise<boolean> {
    const { exchange, delivery, labels } = job;
    const { env, clock, routes, hear, override, settings, exchanges } = this.#state;
    const started = clock.now();
    try {
      const chosen = await unlessAborted(
        override.current().then((value) => ({ value })),
        signal,
      );
      if (signal.aborted || !chosen) return false;
      const before = { history: [], overheard: "" };
      const tools = { routes, env, clock, hear, signal };
      const { asked, question } = await runTurn(job, chosen.value, settings.current, before, tools);
      if (asked.kind === "error" && asked.reason === "not_sent") return true;
      const reply = signal.aborted ? stopped(delivery) : replyTo(asked, question, delivery);
      this.#settle(job, reply, { asked, started });
    } catch (error) {
      if (exchange.state !== "waiting") throw error;
      exchanges.count(exchange);
      log("error", "task_crashed", { ...labels, tries: exchange.tries, detail: String(error) });
      await clock.sleep(backoff(exchange.tries), signal);
    }
    return false;
  }

  /** Gives a task its answer, under a line that says to what. It is the late answer of its command, and kept as one. */
  #settle(job: Job, { text, outcome }: Reply, attempt?: Parameters<typeof settle>[3]): void {
    const { exchange, labels } = job;
    const { message, tries } = exchange;
    const said = text && `**Task ${message.task}:** ${beginning(message.text)}\n\n${text}`;
    settle(this.#state, job, { text: said, outcome: "command", said: null }, attempt);
    log(treatmentOf(outcome).level, "task", {
      ...labels,
      task: message.task,
      ...attempt?.asked.fields,
      duration_ms: this.#state.clock.now() - (attempt?.started ?? message.received_at),
      tries: tries || undefined,
      outcome,
    });
  }
}

/** Gives a session its background tasks. */
export const tasks: Feature = (_ports, state) => ({ tasks: new Tasks(state) });

const isTask = ({ exchange }: Job): boolean => exchange.message.task !== undefined;

/** A prompt's beginning, as it is. */
function beginning(text: string): string {
  const first = firstCharacters(text, TOLD);
  return verbatim(first.length < text.length ? `${first}…` : first);
}

/** The command's acknowledgement was its message's first answer: the task's is said behind it, and nothing owes it. */
function asTask(job: Job): Job {
  const { delivery } = job;
  const send: Delivery["send"] = ({ index, count, ...chunk }, ...rest) =>
    delivery.send({ ...chunk, index: index + 1, count: count + 1 }, ...rest);
  return { ...job, delivery: { ...delivery, send, owes_answer: false } };
}
