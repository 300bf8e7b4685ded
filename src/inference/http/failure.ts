import { asList, asObject, asString, type Json, parseJson } from "../../lib/json.ts";
import type { InferenceErrorReason } from "../errors.ts";
import type { Failure } from "../types.ts";

/** Another try, or another endpoint, would not be sent either. */
export const NOT_SENT: Failure = { reason: "not_sent", detail: "this invocation's requests are used up" };

const TOO_LONG =
  /context[_ -]?(length|window)|maximum context|prompt is too long|input is too long|too many (input )?tokens|request_too_large/i;
const FILTERED = /content[_ -]?(filter|policy|management)|flagged_input|moderation|responsibleai/i;
const OUT_OF_CREDIT = /insufficient[_ ](quota|credit|balance|funds)|billing|payment|daily free allocation/i;
/** `model_not_found`, `param` `model`, Azure's `DeploymentNotFound`; 5007 is Workers AI's, with status 400. */
const NO_SUCH_MODEL = /model|deployment|\b5007\b/i;

/** Error words of the APIs, for errors that come without a telling status, inside a stream. */
const KINDS: readonly (readonly [RegExp, InferenceErrorReason])[] = [
  [/rate_?limit|too_many_requests|resource_exhausted/i, "rate_limited"],
  [/authentication|invalid_api_key|unauthori[sz]ed|permission/i, "unauthorized"],
  [/not_?found/i, "not_found"],
  [/invalid_request|invalid_prompt|bad_request/i, "rejected"],
];

/** An error object as OpenAI, OpenRouter, Anthropic, Cloudflare and FastAPI servers write it. */
function errorObject(payload: unknown): Json {
  const outer = asObject(payload) ?? asObject(asList(payload)[0]) ?? {};
  if (typeof outer.error === "string") return { message: outer.error };
  return asObject(outer.error) ?? asObject(asList(outer.errors)[0]) ?? outer;
}

/** `type`, `code` and `param` as far as they are identifiers: fit for a log. */
function identifiers(error: Json): string[] {
  return ["type", "code", "param"]
    .map((name) => {
      const value = error[name];
      return typeof value === "number" ? String(value) : asString(value);
    })
    .filter((value) => /^[\w.[\]-]{1,64}$/.test(value));
}

/**
 * The reason behind an error answer.
 * @param status HTTP status, or null for an error inside a stream that names none
 * @param words the error's identifiers
 * @param text the error as it was sent, only looked at for known words
 */
function reasonOf(status: number | null, words: string, text: string): InferenceErrorReason {
  if (status === 401) return "unauthorized";
  if (status === 402) return "payment_required";
  if (status === 413) return "too_long";
  if (status === null || status === 400 || status === 403 || status === 422 || status === 429) {
    if (OUT_OF_CREDIT.test(text)) return "payment_required";
    if (status !== 429) {
      if (TOO_LONG.test(text)) return "too_long";
      if (FILTERED.test(text)) return "filtered";
    }
  }
  if (status === 403) return "unauthorized";
  if (status === 404 || status === 405 || status === 410) return "not_found";
  if (status === 429) return "rate_limited";
  if (status === 408 || status === 409 || (status !== null && status >= 500)) return "unavailable";
  if (status !== null) return /model_not_found|\b5007\b/.test(words) ? "not_found" : "rejected";
  return KINDS.find(([pattern]) => pattern.test(words))?.[1] ?? "unavailable";
}

/**
 * A failure from an error answer's status and body.
 * @param model what was asked for: only an error that names it, or says "model", is about the model
 */
export function statusFailure(status: number, body: string, model: string): Failure {
  const error = errorObject(parseJson(body));
  const words = identifiers(error);
  const reason = reasonOf(status, words.join(" "), body);
  const known = reason !== "not_found" || words.some((word) => NO_SUCH_MODEL.test(word));
  return {
    reason: known || asString(error.message).includes(model) ? reason : "no_endpoint",
    status,
    detail: [`HTTP ${status}`, ...words].join(" "),
  };
}

/** A failure from an error inside a stream whose HTTP status was 200. */
export function streamFailure(payload: unknown): Failure {
  const error = errorObject(payload);
  const words = identifiers(error);
  // OpenRouter gives the status as `code`.
  const code = error.code;
  const status = typeof code === "number" && code >= 400 && code <= 599 ? code : null;
  return {
    reason: reasonOf(status, words.join(" "), `${words.join(" ")} ${asString(error.message)}`),
    status: status ?? undefined,
    detail: ["error inside the stream", ...words].join(" "),
  };
}

/**
 * Whether an error answer blames this field of the request: in `param`, as OpenAI and Azure do, or in the `loc`
 * of a `detail`, as FastAPI and Mistral do. Its sentences do not count: they may quote the chat.
 */
export function blames(body: string, field: string): boolean {
  const payload = parseJson(body);
  const error = errorObject(payload);
  const lists = [error.detail, error.message, asObject(error.message)?.detail].flatMap(asList);
  return [error, ...lists].some((each) => {
    const { param, loc } = asObject(each) ?? {};
    return asList(loc).includes(field) || asString(param).split(".")[0] === field;
  });
}
