import { drain } from "../../lib/body.ts";
import { exchangeWith } from "../../lib/request.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { retryAfter } from "../../lib/retry-after.ts";
import type { Clock } from "../../lib/time.ts";
import type { Element } from "./element-buffer.ts";
import type { HubFailure } from "./failure.ts";
import { ArraySplitter } from "./json-array.ts";
import { LIST_TIMEOUT_MS, MAX_ELEMENT_BYTES, MAX_FIELD_BYTES, MAX_LIST_BYTES } from "./limits.ts";

/** How far a list was read. */
export interface Reading {
  /** `stopped`: the taker had enough; `limit`: it is longer than is read; `broken`: the connection was lost, or too slow. */
  readonly end: "whole" | "stopped" | "limit" | "broken";
  readonly bytes: number;
}

/** Takes one element; false, or a promise of it, ends the reading. */
export type Take<Value> = (value: Value) => unknown;

/**
 * GETs a JSON object and hands on the elements of the list that it holds under `name`, as they come in. Fails if
 * there is no such list; one that breaks off is read as far as it came.
 */
export async function readList(
  url: string,
  headers: Record<string, string>,
  name: string,
  take: Take<Element>,
  clock: Clock,
): Promise<Result<Reading, HubFailure>> {
  const list = new ArraySplitter(name, { field_bytes: MAX_FIELD_BYTES, element_bytes: MAX_ELEMENT_BYTES });
  let bytes = 0;
  let stopped = false;
  const takePiece = async (piece: Uint8Array): Promise<boolean> => {
    bytes += piece.byteLength;
    for (const element of list.push(piece)) {
      const taken = take(element);
      stopped = (taken instanceof Promise ? await taken : taken) === false;
      if (stopped) return false;
    }
    return true;
  };
  const answer = await exchangeWith(
    url,
    { headers },
    { timeout_ms: LIST_TIMEOUT_MS },
    async (response, signal) => {
      const { status, body } = response;
      if (status !== 200) {
        void body?.cancel().catch(() => {});
        return { kind: "failed", failure: refusal(status, response.headers, clock.now()) } as const;
      }
      const end = body === null ? "whole" : await drain(body, MAX_LIST_BYTES, signal, takePiece);
      return { kind: "answered", end } as const;
    },
  );
  if (answer.kind === "failed") return fail(answer.failure);
  const end = answer.kind === "answered" ? answer.end : "broken";
  if (list.done || stopped) return ok({ end: stopped ? "stopped" : "whole", bytes });
  if (list.found) return ok({ end: end === "limit" ? "limit" : "broken", bytes });
  if (answer.kind === "answered" && end === "whole") return fail({ reason: "malformed" });
  if (end === "limit") return fail({ reason: "too_large" });
  return fail({ reason: REASONS[answer.kind === "answered" ? "lost" : answer.kind] });
}

/** Why nothing came, by what became of the exchange. */
export const REASONS = {
  refused: "not_sent",
  timeout: "timeout",
  aborted: "timeout",
  lost: "unreachable",
} as const satisfies { readonly [kind: string]: HubFailure["reason"] };

/** An answer with another status than 200. `now` is Unix milliseconds. */
export function refusal(status: number, headers: Headers, now: number): HubFailure {
  const wait = retryAfter(headers, now);
  return { reason: "refused", status, ...(wait !== null && { retry_after_ms: wait }) };
}
