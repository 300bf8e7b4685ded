import { log } from "../lib/log.ts";
import type { SendResult } from "../platforms/platform.ts";
import type { SentKeyboard } from "../platforms/press.ts";
import type { Job } from "./job.ts";
import {
  FIRST_RETRY_MS,
  LONGEST_AWAKE_WAIT_MS,
  LONGEST_RATE_LIMIT_WAIT_MS,
  LONGEST_RETRY_MS,
  MAX_RATE_LIMIT_WAITS,
  MAX_SEND_TRIES,
  MAX_UNCERTAIN_SENDS,
} from "./limits.ts";
import { treatmentOf } from "./outcome.ts";
import { STOPPED_LINE } from "./reply.ts";
import type { SessionState } from "./state.ts";
import type { Exchange, Piece, SendTries } from "./store/exchange.ts";
import type { Exchanges } from "./store/exchanges.ts";

/** What to do after a send that did not succeed: wait this long, or give up. */
export type AfterFailure = { readonly kind: "wait"; readonly wait_ms: number } | { readonly kind: "give_up" };

/**
 * Sends what is left of an answer, chunk by chunk. Before each send the store says that this chunk is on its
 * way, and after it that it is shown: a chunk that is shown is never sent again, and one of which nobody knows
 * is sent as `uncertain`, for its platform to decide. Ends with the exchange done or parked.
 * @param stop ends the delivery after the chunk in flight
 * @returns null when it is over; else the time (Unix milliseconds) at which to call again
 * @throws if the store does
 */
export async function deliver(
  job: Job,
  { exchanges, env, clock }: Pick<SessionState, "exchanges" | "env" | "clock">,
  stop?: AbortSignal,
): Promise<number | null> {
  const { exchange, delivery } = job;
  let stopped = stop;
  for (;;) {
    if (stopped?.aborted && delivery.owes_answer && exchange.sent.length === 0) {
      // The user still sees a pending answer: this ends it.
      exchanges.replace(exchange, "stopped", [STOPPED_LINE]);
      stopped = undefined;
    }
    const index = exchange.sent.length;
    const piece = exchange.chunks[index];
    if (piece === undefined || stopped?.aborted) {
      finish(job, exchange.sent, stopped?.aborted === true, exchanges, clock.now());
      return null;
    }
    const first_at = exchange.sends.first_at ?? clock.now();
    if (!exchange.sending) exchanges.hold(exchange, { sending: true, sends: exchange.sends, wake_at: null });
    const chunk = {
      index,
      count: exchange.chunks.length,
      ...(typeof piece === "string" ? { text: piece } : piece),
      ...(exchange.sends.first_at !== undefined && { first_tried_at: first_at }),
      ...(exchange.uncertain && { uncertain: true as const }),
      ...(index === 0 && exchange.live !== null && { message_id: exchange.live }),
    };
    const key = idempotencyKey(exchange.delivery_id, index);
    const result = await attempt(job, () => delivery.send(chunk, exchange.message.address, key, env));
    if (result.kind !== "failed" && result.kind !== "not_sent" && result.address) {
      exchanges.move(exchange, { ...exchange.message, address: result.address });
    }
    if (result.kind === "sent") {
      const sent = [...exchange.sent, result.message_id];
      if (sent.length < exchange.chunks.length) {
        exchanges.sent(exchange, sent);
        continue;
      }
      finish(job, sent, false, exchanges, clock.now());
      return null;
    }
    if (result.kind === "retry" && result.uncertain) exchange.uncertain = true;
    const sends = { ...countSend(exchange.sends, result), first_at };
    const next = afterFailure(result, sends);
    const fields = { ...job.labels, chunk: index, chunks: exchange.chunks.length, detail: result.detail };
    if (result.kind === "failed" && result.instead) {
      log("warn", "said_otherwise", fields);
      const said = withButtons(
        delivery.split(result.instead, true),
        typeof piece === "string" ? undefined : piece.keyboard,
      );
      exchanges.replace(exchange, exchange.outcome, exchange.chunks.toSpliced(index, 1, ...said));
      continue;
    }
    if (next.kind === "give_up") {
      log("error", "delivery_failed", fields);
      exchanges.park(exchange, "undelivered", clock.now());
      return null;
    }
    log("warn", "delivery_waits", { ...fields, wait_ms: next.wait_ms });
    const awake = next.wait_ms <= LONGEST_AWAKE_WAIT_MS && result.kind !== "not_sent";
    const wake_at = awake ? null : clock.now() + next.wait_ms;
    exchanges.hold(exchange, { sending: exchange.uncertain, sends, wake_at });
    if (wake_at !== null) return wake_at;
    await clock.sleep(next.wait_ms, stopped);
  }
}

/** An answer's messages, the last one with buttons, if there are any. */
export const withButtons = (texts: readonly string[], keyboard: SentKeyboard | undefined): Piece[] =>
  texts.map((text, index) => (keyboard && index === texts.length - 1 ? { text, keyboard } : text));

function finish(job: Job, sent: Exchange["sent"], stopped: boolean, exchanges: Exchanges, now: number): void {
  const { exchange } = job;
  const { parked, kept } = treatmentOf(exchange.outcome);
  exchange.sent = sent;
  if (parked) exchanges.park(exchange, exchange.outcome, now);
  else exchanges.done(exchange, kept && !stopped);
}

/** A platform's bug must not start the turn anew: it fails this chunk. */
async function attempt(job: Job, send: () => Promise<SendResult>): Promise<SendResult> {
  try {
    return await send();
  } catch (error) {
    log("error", "delivery_bug", { ...job.labels, detail: String(error) });
    return { kind: "failed", detail: `bug: ${String(error)}` };
  }
}

/** Whether and when a failed send is tried again. */
export function afterFailure(result: Exclude<SendResult, { kind: "sent" }>, tries: SendTries): AfterFailure {
  if (result.kind === "failed") return { kind: "give_up" };
  const { failures, uncertain, waits } = tries;
  if (failures >= MAX_SEND_TRIES || uncertain >= MAX_UNCERTAIN_SENDS || waits > MAX_RATE_LIMIT_WAITS) {
    return { kind: "give_up" };
  }
  if (result.kind === "not_sent") return { kind: "wait", wait_ms: FIRST_RETRY_MS };
  const asked = result.after_ms;
  if (asked === undefined) return { kind: "wait", wait_ms: backoff(failures) };
  return asked > LONGEST_RATE_LIMIT_WAIT_MS ? { kind: "give_up" } : { kind: "wait", wait_ms: asked };
}

/** The pause after the nth failure, in milliseconds. */
export function backoff(n: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (n - 1));
}

function countSend(tries: SendTries, result: Exclude<SendResult, { kind: "sent" }>): SendTries {
  const asked = result.kind === "retry" && result.after_ms !== undefined;
  if (asked || result.kind === "not_sent") return { ...tries, waits: tries.waits + 1 };
  const uncertain = result.kind === "retry" && result.uncertain ? tries.uncertain + 1 : tries.uncertain;
  return { ...tries, failures: tries.failures + 1, uncertain };
}

/** At most 25 characters (Discord's nonce), the same on every try of this chunk. */
function idempotencyKey(deliveryId: string, index: number): string {
  return `${deliveryId.slice(-20)}.${index}`;
}
