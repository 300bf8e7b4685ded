import type { Env } from "../env.ts";
import { type Fields, log } from "../log.ts";
import type { Delivery, SendResult } from "../platforms/platform.ts";
import {
  FIRST_RETRY_MS,
  LONGEST_RATE_LIMIT_WAIT_MS,
  LONGEST_RETRY_MS,
  MAX_RATE_LIMIT_WAITS,
  MAX_SEND_TRIES,
} from "./limits.ts";
import type { InboxRow, SessionStore } from "./store.ts";
import { sleep } from "./timers.ts";

/** What to do after a send that did not succeed: wait this long, or give up. */
export type RetryDecision =
  | { readonly kind: "wait"; readonly wait_ms: number }
  | { readonly kind: "give_up" };

/** How often the chunk in hand has failed, and how often the platform asked to wait. */
export interface SendTries {
  readonly failures: number;
  readonly waits: number;
}

/**
 * Sends what is left of a row's answer, chunk by chunk, and stores each message id before the next chunk: a
 * chunk whose id is stored is never sent again. Ends with the row `done`, or `parked` when the platform will
 * not take it. An aborted signal ends it after the chunk in flight.
 */
export async function deliver(
  row: InboxRow,
  delivery: Delivery,
  store: SessionStore,
  env: Env,
  labels: Fields,
  signal?: AbortSignal,
): Promise<void> {
  const chunks = row.chunks ?? [];
  let tries: SendTries = { failures: 0, waits: 0 };
  while (row.state === "answered") {
    const index = row.sent.length;
    const text = chunks[index];
    if (text === undefined || signal?.aborted) {
      finish(row);
    } else {
      const key = idempotencyKey(row.message.delivery_id, index);
      const result = await delivery.send(
        { index, count: chunks.length, text },
        row.message.address,
        key,
        env,
      );
      if (result.kind !== "failed" && result.address) {
        row.message = { ...row.message, address: result.address };
        store.saveMessage(row);
      }
      if (result.kind === "sent") {
        tries = { failures: 0, waits: 0 };
        row.sent = [...row.sent, result.message_id];
        if (row.sent.length === chunks.length) finish(row);
      } else {
        tries = count(tries, result);
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
    }
    store.save(row, Date.now());
  }
}

/** Whether and when a failed send is tried again. */
export function afterFailure(result: Exclude<SendResult, { kind: "sent" }>, tries: SendTries): RetryDecision {
  if (result.kind === "failed") return { kind: "give_up" };
  if (tries.failures >= MAX_SEND_TRIES || tries.waits > MAX_RATE_LIMIT_WAITS) return { kind: "give_up" };
  const asked = result.after_ms;
  if (asked === undefined) return { kind: "wait", wait_ms: backoff(tries.failures) };
  return asked > LONGEST_RATE_LIMIT_WAIT_MS ? { kind: "give_up" } : { kind: "wait", wait_ms: asked };
}

/** The pause after the nth failure, in milliseconds. */
export function backoff(n: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (n - 1));
}

function count(tries: SendTries, result: Exclude<SendResult, { kind: "sent" }>): SendTries {
  const asked = result.kind === "retry" && result.after_ms !== undefined;
  return asked ? { ...tries, waits: tries.waits + 1 } : { ...tries, failures: tries.failures + 1 };
}

/** A row whose answer was an error's line is kept: the message still has no answer. */
function finish(row: InboxRow): void {
  row.state = finalState(row.outcome);
}

/** Where a row ends once everything it has to say is said. */
export function finalState(outcome: string): "done" | "parked" {
  return outcome === "ok" || outcome === "stopped" || outcome === "declined" ? "done" : "parked";
}

/** At most 25 characters (Discord's nonce), the same on every try of this chunk. */
function idempotencyKey(deliveryId: string, index: number): string {
  return `${deliveryId.slice(-20)}.${index}`;
}
