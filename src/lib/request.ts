import { type Body, readBody } from "./body.ts";
import { within } from "./time.ts";
import { isLoopback } from "./url.ts";

/** What a request rejects with that would show its key, or the token in its address, to everybody on its way. */
class PlainHttp extends Error {
  override readonly name = "PlainHttp";
}

/**
 * `fetch` that follows no redirect: one would carry the request's key, or the token in its address, to a host
 * that nobody chose. Whatever an `*_API_BASE` says, nothing goes in clear to another machine.
 * @throws PlainHttp and whatever `fetch` throws
 */
export async function request(url: string | URL, init: Omit<RequestInit, "redirect">): Promise<Response> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && !isLoopback(hostname)) throw new PlainHttp();
  return fetch(url, { ...init, redirect: "manual" });
}

/**
 * Why a request has no answer. `refused`: the runtime sent nothing, because the invocation has used up its
 * requests (https://developers.cloudflare.com/workers/platform/limits/#subrequests); `timeout` and `aborted`: given
 * up, by the limit or the caller; `lost`: no connection, or none any more. `error` is the name of what the runtime
 * threw: its message may hold the address.
 */
export interface Unanswered {
  readonly kind: "refused" | "timeout" | "aborted" | "lost";
  readonly error: string;
}

/** What came of one exchange. */
export type Exchange =
  | { readonly kind: "answered"; readonly status: number; readonly headers: Headers; readonly body: Body }
  | Unanswered;

export interface ExchangeLimits {
  /** For the whole exchange, the answer's body included. */
  readonly timeout_ms: number;
  readonly max_bytes: number;
  /** Gives the exchange up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request and reads its answer, once, within limits of time and size. Never throws.
 * @example const answer = await exchange(url, { method: "POST", body }, { timeout_ms: 15_000, max_bytes: 65_536 });
 */
export function exchange(
  url: string | URL,
  init: Omit<RequestInit, "redirect" | "signal">,
  limits: ExchangeLimits,
): Promise<Exchange> {
  return exchangeWith(url, init, limits, async (response, signal) => {
    const body = await readBody(response, limits.max_bytes, signal);
    return { kind: "answered", status: response.status, headers: response.headers, body };
  });
}

/** The same for an answer that `read` takes in itself, a stream for example. What it throws counts as `lost`. */
export function exchangeWith<Answer>(
  url: string | URL,
  init: Omit<RequestInit, "redirect" | "signal">,
  { timeout_ms, signal: caller }: Omit<ExchangeLimits, "max_bytes">,
  read: (response: Response, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer | Unanswered> {
  return within(
    timeout_ms,
    async (signal): Promise<Answer | Unanswered> => {
      try {
        return await read(await request(url, { ...init, signal }), signal);
      } catch (error) {
        const name = error instanceof Error ? error.name : "unknown error";
        if (caller?.aborted) return { kind: "aborted", error: name };
        if (signal.aborted) return { kind: "timeout", error: name };
        return { kind: refusedByRuntime(error) ? "refused" : "lost", error: name };
      }
    },
    caller,
  );
}

/** Whether an error says that the runtime would not even send the request. */
export function refusedByRuntime(error: unknown): boolean {
  return error instanceof Error && /too many (sub)?requests/i.test(error.message);
}
