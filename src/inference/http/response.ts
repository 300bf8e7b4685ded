import { readBody } from "../../lib/body.ts";
import { isObject, parseJson } from "../../lib/json.ts";
import { retryAfter } from "../../lib/retry-after.ts";
import { within } from "../../lib/time.ts";
import type { AnswerDraft } from "../answer.ts";
import type { Deadline } from "../deadline.ts";
import { ERROR_BODY_MS, MAX_ERROR_BODY_BYTES, MAX_EVENT_CHARS } from "../limits.ts";
import type { Reader } from "../port.ts";
import type { Failure } from "../types.ts";
import { readEvents } from "./events.ts";
import { statusFailure } from "./failure.ts";

/** Judges a response and reads its answer, streamed or whole; returns why there is none. */
export async function readResponse(
  response: Response,
  model: string,
  reader: Reader,
  answer: AnswerDraft,
  deadline: Deadline,
): Promise<Failure | null> {
  const { status, headers, body } = response;
  if (status >= 300 && status < 400) {
    drop(response);
    return { reason: "redirected", status, detail: `HTTP ${status}` };
  }
  if (!response.ok) {
    return refusalOf(response, await errorBody(response, deadline.signal), model, deadline.now());
  }
  if (body === null) return { reason: "empty", status, detail: "no body" };
  const type = headers.get("content-type") ?? "";
  if (type.includes("text/html")) {
    drop(response);
    return { reason: "malformed", status, detail: "a web page" };
  }
  if (!type.includes("application/json")) {
    await readEvents(body, reader, answer, deadline);
    return answer.failure;
  }
  const { bytes, end } = await readBody(response, MAX_EVENT_CHARS, deadline.signal);
  if (end === "limit") return { reason: "too_large", detail: `more than ${MAX_EVENT_CHARS} bytes` };
  if (end === "broken") return { reason: "cut", status, detail: "the body broke off" };
  const payload = parseJson(new TextDecoder().decode(bytes));
  if (!isObject(payload)) return { reason: "malformed", status, detail: "the body is not a JSON object" };
  reader.whole(payload, answer);
  return answer.failure;
}

/** The failure that an error answer is, with what its headers say of asking again. */
export function refusalOf(response: Response, body: string, model: string, now: number): Failure {
  return { ...statusFailure(response.status, body, model), ...retryHeaders(response.headers, now) };
}

/** The beginning of an error body, as far as it comes soon. */
export async function errorBody(response: Response, signal: AbortSignal): Promise<string> {
  const read = (soon: AbortSignal) => readBody(response, MAX_ERROR_BODY_BYTES, soon);
  return new TextDecoder().decode((await within(ERROR_BODY_MS, read, signal)).bytes);
}

/** `x-should-retry` and the wait, as OpenAI's clients read them. */
export function retryHeaders(headers: Headers, now: number): Pick<Failure, "retry" | "retry_after_ms"> {
  const should = headers.get("x-should-retry");
  return {
    retry: should === "true" || (should === "false" ? false : undefined),
    retry_after_ms: retryAfter(headers, now) ?? undefined,
  };
}

const drop = (response: Response): void => void response.body?.cancel().catch(() => {});
