import { log } from "../lib/log.ts";
import { bind } from "../platforms/press.ts";
import type { Asked } from "./ask.ts";
import { deliver, withButtons } from "./deliver.ts";
import type { Job } from "./job.ts";
import { treatmentOf } from "./outcome.ts";
import { type Reply, withinRow } from "./reply.ts";
import type { SessionState } from "./state.ts";

/** What asking the model came to, and when it began, in Unix milliseconds. */
interface Attempt {
  readonly asked: Asked;
  readonly started: number;
}

/**
 * Gives an exchange its answer: stored first, together with what it used, and only then acted upon.
 * @throws if the storage fails
 */
export function settle(state: SessionState, job: Job, given: Reply, attempt?: Attempt): void {
  const { exchange } = job;
  const reply = { ...given, ...state.runs?.end(state, exchange, given) };
  const { outcome, said, text, keyboard, file = [] } = reply;
  const record = attempt?.asked.record;
  const usage = record ? JSON.stringify({ ...record, outcome }) : null;
  const texts =
    text === null ? [] : withinRow(job.delivery.split((exchange.message.notice ?? "") + text).concat(file));
  const hasButtons = keyboard?.choices?.length || keyboard?.actions?.length;
  const chunks = withButtons(texts, hasButtons ? bind(keyboard, state.name) : undefined);
  if (chunks.length > 0) state.exchanges.answer(exchange, { outcome, chunks, said, usage });
  else if (treatmentOf(outcome).parked) state.exchanges.park(exchange, outcome, state.clock.now(), usage);
  else state.exchanges.close(exchange, { outcome, said, usage });
  state.room.leave(exchange.seq);
  if (outcome !== "command") logTurn(state, job, reply, attempt);
}

/**
 * Delivers what an exchange has for an answer; what is delivered whole becomes part of the conversation.
 * @returns null when it is over; else the time (Unix milliseconds) at which to go on
 */
export async function deliverAnswer(
  state: SessionState,
  job: Job,
  stop?: AbortSignal,
): Promise<number | null> {
  const { exchange } = job;
  if (exchange.state === "answered") {
    const due = await deliver(job, state, stop);
    if (due !== null) return due;
  }
  const { seq, said, message } = exchange;
  if (said) state.history.extend({ seq, ...said }, message.replaces);
  return null;
}

function logTurn(
  state: SessionState,
  { exchange, labels }: Job,
  { outcome }: Reply,
  attempt?: Attempt,
): void {
  log(treatmentOf(outcome).level, "turn", {
    ...labels,
    ...attempt?.asked.fields,
    ...(attempt && {
      duration_ms: state.clock.now() - attempt.started,
      waited_ms: attempt.started - exchange.message.received_at,
      chunks: exchange.chunks.length,
    }),
    tries: exchange.tries || undefined,
    outcome,
  });
}
