import type { Variables } from "../env.ts";
import { type Fields, log } from "../lib/log.ts";
import type { Address } from "../message/message.ts";
import type { Chunk, Delivery, SendResult } from "../platforms/platform.ts";
import {
  FIRST_RETRY_MS,
  LONGEST_RATE_LIMIT_WAIT_MS,
  LONGEST_RETRY_MS,
  MAX_RATE_LIMIT_WAITS,
  MAX_SEND_TRIES,
  MAX_UNCERTAIN_SENDS,
} from "./limits.ts";
import { STOPPED_LINE } from "./reply.ts";
import type { InboxRow, SessionStore } from "./store.ts";
import { sleep } from "./timers.ts";

/** What to do after a send that did not succeed: wait this long, or give up. */
export type RetryDecision =
  | { readonly kind: "wait"; readonly wait_ms: number }
  | { readonly kind: "give_up" };

/** How often the chunk in hand has failed, may have been shown after all, and was asked to wait. */
export interface SendTries {
  readonly failures: number;
  readonly uncertain: number;
  readonly waits: number;
}

const NO_TRIES: SendTries = { failures: 0, uncertain: 0, waits: 0 };
const NEVER = new AbortController().signal;

/**
 * Sends what is left of a row's answer, chunk by chunk, and stores each message id before the next chunk: a
 * chunk whose id is stored is never sent again. Ends with the row `done`, or `parked` when the platform will
 * not take it. An aborted signal ends it after the chunk in flight.
 * @throws if the store does
 */
export async function deliver(
  row: InboxRow,
  delivery: Delivery,
  store: SessionStore,
  env: Variables,
  labels: Fields,
  stop: AbortSignal = NEVER,
): Promise<void> {
  let signal = stop;
  let tries = NO_TRIES;
  let earlier: Pick<Chunk, "uncertain" | "first_tried_at"> = {};
  while (row.state === "answered") {
    if (signal.aborted && delivery.owes_answer && row.sent.length === 0) {
      // The user still sees a pending answer: this ends it.
      row.chunks = [STOPPED_LINE];
      row.outcome = "stopped";
      signal = NEVER;
    }
    const chunks = row.chunks ?? [];
    const index = row.sent.length;
    const text = chunks[index];
    if (text === undefined || signal.aborted) {
      row.state = finalState(row.outcome);
      store.save(row, Date.now());
      return;
    }
    const key = idempotencyKey(row.message.delivery_id, index);
    const tried_at = earlier.first_tried_at ?? Date.now();
    const result = await attempt(
      delivery,
      { index, count: chunks.length, text, ...earlier },
      row.message.address,
      key,
      env,
    );
    if (result.kind !== "failed" && result.kind !== "not_sent" && result.address) {
      row.message = { ...row.message, address: result.address };
      store.saveMessage(row);
    }
    if (result.kind === "sent") {
      tries = NO_TRIES;
      earlier = {};
      row.sent = [...row.sent, result.message_id];
      if (row.sent.length === chunks.length) row.state = finalState(row.outcome);
    } else {
      tries = count(tries, result);
      const uncertain = earlier.uncertain ?? (result.kind === "retry" ? result.uncertain : undefined);
      earlier = { first_tried_at: tried_at, uncertain };
      const next = afterFailure(result, tries);
      const fields = { ...labels, chunk: index, chunks: chunks.length, detail: result.detail };
      if (next.kind === "wait") {
        log("warn", "delivery_waits", { ...fields, wait_ms: next.wait_ms });
        await sleep(next.wait_ms, signal);
        continue;
      }
      log("error", "delivery_failed", fields);
      row.state = "parked";
      row.outcome = row.outcome === "ok" ? "undelivered" : `${row.outcome}, undelivered`;
    }
    store.save(row, Date.now());
  }
}

/** A platform's bug must not start the turn anew: it fails this chunk. */
async function attempt(
  delivery: Delivery,
  chunk: Chunk,
  address: Address,
  key: string,
  env: Variables,
): Promise<SendResult> {
  try {
    return await delivery.send(chunk, address, key, env);
  } catch (error) {
    return { kind: "failed", detail: `bug: ${String(error)}` };
  }
}

/** Whether and when a failed send is tried again. */
export function afterFailure(result: Exclude<SendResult, { kind: "sent" }>, tries: SendTries): RetryDecision {
  if (result.kind === "failed") return { kind: "give_up" };
  const { failures, uncertain, waits } = tries;
  if (failures >= MAX_SEND_TRIES || uncertain >= MAX_UNCERTAIN_SENDS || waits > MAX_RATE_LIMIT_WAITS) {
    return { kind: "give_up" };
  }
  if (result.kind === "not_sent") return { kind: "wait", wait_ms: backoff(failures) };
  const asked = result.after_ms;
  if (asked === undefined) return { kind: "wait", wait_ms: backoff(failures) };
  return asked > LONGEST_RATE_LIMIT_WAIT_MS ? { kind: "give_up" } : { kind: "wait", wait_ms: asked };
}

/** The pause after the nth failure, in milliseconds. */
export function backoff(n: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (n - 1));
}

function count(tries: SendTries, result: Exclude<SendResult, { kind: "sent" }>): SendTries {
  if (result.kind === "retry" && result.after_ms !== undefined) return { ...tries, waits: tries.waits + 1 };
  const uncertain = result.kind === "retry" && result.uncertain ? tries.uncertain + 1 : tries.uncertain;
  return { ...tries, failures: tries.failures + 1, uncertain };
}

/** Where a row ends once all of its answer is said. One that was only told of an error is kept. */
export function finalState(outcome: string): "done" | "parked" {
  return outcome === "ok" || outcome === "stopped" || outcome === "declined" ? "done" : "parked";
}

/** At most 25 characters (Discord's nonce), the same on every try of this chunk. */
function idempotencyKey(deliveryId: string, index: number): string {
  return `${deliveryId.slice(-20)}.${index}`;
}
