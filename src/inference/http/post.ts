import { refusedByRuntime } from "../../lib/request.ts";
import { fail, ok } from "../../lib/result.ts";
import type { Answer } from "../answer.ts";
import { readBounded } from "../body.ts";
import type { Deadline } from "../deadline.ts";
import { type Failure, statusFailure } from "../failure.ts";
import { isObject } from "../json.ts";
import { ERROR_BODY_MS, MAX_ERROR_BODY_BYTES, MAX_EVENT_CHARS, MAX_REMEMBERED } from "../limits.ts";
import type { ApiModeDialect, Provider, Reader } from "../port.ts";
import { retryHeaders } from "../retry.ts";
import { type Endpoint, readEndpoint } from "./endpoint.ts";
import { readEvents } from "./events.ts";

/** Optional body fields that an address has refused, so that later calls leave them out. Per isolate. */
const refusals = new Map<string, readonly string[]>();

/** A provider that is called over HTTP in the given dialect. */
export function overHttp(dialect: ApiModeDialect): Provider {
  return {
    prepare(bundle, messages, env) {
      const read = readEndpoint(bundle, env);
      if (!read.ok) return read;
      const url = addressOf(read.value.base, dialect.path);
      const headers = headersOf(read.value, dialect);
      if (headers === null) {
        return fail({
          reason: "bad_config",
          detail: "the key or a header has a character that no header may have",
        });
      }
      const fields = dialect.body(bundle, messages);
      return ok((answer, deadline) => post(url, headers, fields, dialect, answer, deadline));
    },
  };
}

/** base_url plus the mode's path; a query (`?api-version=…`) stays where it belongs. */
function addressOf(base: URL, path: string): string {
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/+$/, "") + path;
  return url.href;
}

function headersOf(endpoint: Endpoint, dialect: ApiModeDialect): Headers | null {
  try {
    return new Headers({
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
      "user-agent": "talaria",
      ...dialect.headers(endpoint.key),
      ...endpoint.headers,
    });
  } catch {
    // The runtime's message would quote the value.
    return null;
  }
}

async function post(
  url: string,
  headers: Headers,
  fields: { readonly [field: string]: unknown },
  dialect: ApiModeDialect,
  answer: Answer,
  deadline: Deadline,
): Promise<Failure | null> {
  const refused = refusals.get(url) ?? [];
  const body =
    refused.length === 0
      ? fields
      : Object.fromEntries(Object.entries(fields).filter(([field]) => !refused.includes(field)));
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      // A redirect is never followed: the key would go along.
      redirect: "manual",
      signal: deadline.signal,
    });
  } catch (error) {
    if (refusedByRuntime(error))
      return { reason: "not_sent", detail: "the invocation's requests are used up" };
    return { reason: "unreachable", detail: `no connection${codeOf(error)}` };
  }
  if (response.status !== 400 && response.status !== 422)
    return readResponse(response, dialect, answer, deadline);
  const text = await errorBody(response, deadline);
  const field = dialect.optional.find((name) => name in body && text.includes(name));
  if (field === undefined) return failureOf(response, text);
  remember(url, [...refused, field]);
  return {
    reason: "rejected",
    status: response.status,
    detail: `refused ${field}`,
    retry: true,
    retry_after_ms: 0,
  };
}

/** Judges a response and reads its answer, streamed or whole. */
export async function readResponse(
  response: Response,
  reader: Reader,
  answer: Answer,
  deadline: Deadline,
): Promise<Failure | null> {
  if (response.status >= 300 && response.status < 400) {
    drop(response);
    return { reason: "redirected", status: response.status, detail: `HTTP ${response.status}` };
  }
  if (!response.ok) return failureOf(response, await errorBody(response, deadline));
  if (response.body === null) return { reason: "empty", status: response.status, detail: "no body" };
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("text/html")) {
    drop(response);
    return { reason: "malformed", status: response.status, detail: "a web page" };
  }
  if (!type.includes("application/json")) {
    await readEvents(response.body, reader, answer, deadline);
    return null;
  }
  const { text, end } = await readBounded(response.body, MAX_EVENT_CHARS, deadline.signal);
  if (end === "limit") return { reason: "too_large", detail: `more than ${MAX_EVENT_CHARS} bytes` };
  if (end === "broken") return { reason: "cut", status: response.status, detail: "the body broke off" };
  const payload = parse(text);
  if (!isObject(payload)) {
    return { reason: "malformed", status: response.status, detail: "the body is not a JSON object" };
  }
  reader.whole(payload, answer);
  return null;
}

const failureOf = (response: Response, body: string): Failure => ({
  ...statusFailure(response.status, body),
  ...retryHeaders(response.headers, Date.now()),
});

/** The beginning of an error body, as far as it comes soon. */
async function errorBody(response: Response, deadline: Deadline): Promise<string> {
  if (response.body === null) return "";
  return (await readBounded(response.body, MAX_ERROR_BODY_BYTES, deadline.signal, ERROR_BODY_MS)).text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const drop = (response: Response): void => void response.body?.cancel().catch(() => {});

function remember(url: string, fields: readonly string[]): void {
  const oldest = refusals.keys().next();
  if (refusals.size >= MAX_REMEMBERED && !oldest.done) refusals.delete(oldest.value);
  refusals.set(url, fields);
}

/** The system's code of a network error (`ECONNREFUSED`); its message may contain the address. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && isObject(error.cause) ? error.cause.code : undefined;
  return typeof code === "string" && /^[A-Z_]{1,40}$/.test(code) ? ` (${code})` : "";
}
