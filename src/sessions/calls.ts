import type { CommandContext } from "../commands/command.ts";
import { mayCall } from "../commands/command.ts";
import { COMMANDS } from "../commands/index.ts";
import type { CommandReply } from "../commands/keyboard.ts";
import { log } from "../lib/log.ts";
import { homeKey } from "../routing/home.ts";
import { nearest } from "../text/nearest.ts";
import { type CalledCommand, type Job, restOf } from "./job.ts";
import { Lane, type LaneHost } from "./lane.ts";
import { MAX_TURN_TRIES } from "./limits.ts";
import { dropOverheard } from "./listening.ts";
import { askParked, dropParked, listParked } from "./parked.ts";
import { commandFailed, commandReply, crashed, type Reply } from "./reply.ts";
import { deliverAnswer, settle } from "./settle.ts";
import type { SessionState } from "./state.ts";
import { countParked } from "./store/parked.ts";
import { lastTurn, usageByModel } from "./store/usage.ts";
import { retry, takeBackNew, undo } from "./take-back.ts";
import type { Turns } from "./turns.ts";

const NO_THREADS = "There are no threads here.";

/**
 * The commands of a session. Each takes effect after those before it, even while a turn runs, and its answer is
 * delivered after theirs.
 */
export class Calls {
  readonly lane: Lane;
  readonly #state: SessionState;
  readonly #turns: () => Turns;
  /** What the commands so far came to, one after the other. */
  #effects: Promise<unknown> = Promise.resolve();
  readonly #replies = new WeakMap<Job, Promise<Reply>>();

  constructor(state: SessionState, host: LaneHost, turns: () => Turns) {
    this.#state = state;
    this.#turns = turns;
    this.lane = new Lane(host, (job) => this.#answer(job));
  }

  /** Resolves once the commands given so far have taken effect. */
  readonly effects = (): Promise<unknown> => this.#effects;

  /** Has turns and commands wait for this as for a command's effect; what it throws is logged. */
  before(work: () => Promise<unknown>): void {
    const { name } = this.#state;
    this.#effects = this.#effects.then(work).catch((error: unknown) => {
      log("error", "preparation_failed", { session: name, detail: String(error) });
    });
  }

  /** Starts a command: after those before it, unless it is immediate. */
  begin(job: Job): void {
    const { call, exchange, delivery, labels } = job;
    if (!call || exchange.state !== "waiting") return;
    if (exchange.tries >= MAX_TURN_TRIES) {
      this.#replies.set(job, Promise.resolve(crashed(delivery)));
      return;
    }
    const run = () => runCommand(call, job, this.#contextOf(job));
    const immediate = call.command?.immediate === true;
    const reply = (immediate ? run() : this.#effects.then(run)).then(commandReply, (error: unknown) => {
      log("error", "command_failed", { ...labels, command: call.name, detail: String(error) });
      return commandFailed(delivery);
    });
    if (!immediate) this.#effects = reply;
    this.#replies.set(job, reply);
  }

  /** Stores a command's answer, once it is there, and delivers it. */
  async #answer(job: Job): Promise<number | null> {
    const begun = this.#replies.get(job);
    if (begun && job.exchange.state === "waiting") {
      const reply = await begun;
      // Where the user sees one pending answer, it is that of the question behind the command.
      const waits = job.delivery.owes_answer && restOf(job, this.#state.routes.access) !== null;
      settle(this.#state, job, waits ? { ...reply, text: null } : reply);
    }
    const due = await deliverAnswer(this.#state, job);
    this.#state.tasks?.start(this.lane.jobs);
    return due;
  }

  #contextOf(job: Job): CommandContext {
    const { exchange, kind, delivery } = job;
    const { message, seq } = exchange;
    const { sql, kv, routes, env, clock, override, settings, history, exchanges, memory, scheduler } =
      this.#state;
    const turns = this.#turns();
    const { lane } = turns;
    return {
      message,
      kind,
      routes,
      env,
      commands: COMMANDS,
      now: clock.now(),
      session: {
        seq,
        override: () => override.current(),
        setOverride: (value) => override.set(value, message.source.user_id ?? ""),
        settings: () => settings.current,
        setSettings: (value) => settings.set(value),
        setHome: (home) => kv.put(homeKey(message.source.platform), JSON.stringify(home)),
        openThread: async (name) => (await delivery.openThread?.(name, message.address, env)) ?? NO_THREADS,
        scheduler,
        stop: () => turns.stop(job),
        clear: (chosen) => {
          memory?.flush(message.source, history.read());
          history.clear(seq, chosen);
        },
        dropOverheard: () => dropOverheard(this.#state, message),
        takeBackNew: (of, may) => takeBackNew(this.#state, of, may, message.source.user_id ?? ""),
        putBack: (of) => history.putBack(of),
        undo: () => undo(this.#state, turns, exchange),
        retry: () => retry(this.#state, turns, exchange),
        parked: () => listParked(sql),
        askParked: (seqs) => askParked(this.#state, turns, exchange, seqs),
        dropParked: (seqs) => dropParked(sql, seqs),
        tasks: this.#state.tasks?.controls(exchange, turns),
        kept: this.#state.kept?.(seq, turns),
        memory,
        status: () => ({
          running: lane.length > 0,
          waiting: Math.max(0, lane.length - 1),
          messages: history.count(),
          parked: countParked(sql, history.from),
          last: lastTurn(sql),
        }),
        usage: (since) => usageByModel(sql, exchanges.rolledTo, since),
        ...this.#state.compressing?.controls(job, turns),
      },
    };
  }
}

/** Runs a command and returns its answer; null says nothing, to a peer that may not call it. */
async function runCommand(
  { name, args, command }: CalledCommand,
  { delivery, labels }: Job,
  context: CommandContext,
): Promise<string | CommandReply | null> {
  const { kind, routes, commands, message } = context;
  if (!command) {
    const mine = commands.filter((one) => mayCall(one, args, kind, routes.access, message.source));
    const close = nearest(
      name,
      mine.flatMap((one) => [one.name, ...(one.aliases ?? [])]),
    );
    const hint = close ? ` Did you mean /${close}?` : "";
    return `There is no command /${name}.${hint} /help shows the commands; without the slash it is a message.`;
  }
  if (mayCall(command, args, kind, routes.access, message.source)) return command.run(args, context);
  if (delivery.takes_commands !== false) return `Only the owner can use /${command.name} here.`;
  // Peers' text is data: a peer runs only what access grants to its kind by name.
  log("info", "command_refused", { ...labels, command: command.name });
  return null;
}
