import { isObject } from "../../lib/json.ts";
import { Recent } from "../../lib/recent.ts";
import { refusedByRuntime, request } from "../../lib/request.ts";
import { fail, ok } from "../../lib/result.ts";
import { MAX_REMEMBERED } from "../limits.ts";
import type { ApiModeDialect, Provider, Try } from "../port.ts";
import type { Origin } from "../types.ts";
import { addressOf, conceal, type Endpoint, headersProblem, headerText, readEndpoint } from "./endpoint.ts";
import { blames, NOT_SENT } from "./failure.ts";
import { errorBody, readResponse, refusalOf } from "./response.ts";

/** Addresses that refused a mode's optional fields, so that later calls leave them out. Per isolate. */
const refusals = new Recent<string, true>(MAX_REMEMBERED);

/** A provider that is called over HTTP in the given dialect. */
export function overHttp(dialect: ApiModeDialect): Provider {
  return {
    prepare(bundle, messages, env, origin) {
      const endpoint = readEndpoint(bundle, env, origin);
      if (!endpoint.ok) return endpoint;
      const headers = {
        ...(bundle.conversation === "endpoint" && idempotency(origin)),
        ...headersOf(endpoint.value, dialect),
      };
      const problem = headersProblem(headers);
      if (problem !== null) return fail({ reason: "bad_config", detail: problem });
      const url = addressOf(endpoint.value.base, dialect.path);
      const body = { ...dialect.body(bundle, messages), ...endpoint.value.extra_body };
      const post = poster(url, headers, bundle.model, body, dialect);
      return ok(async (answer, deadline) => {
        const failure = await post(answer, deadline);
        return failure && { ...failure, detail: conceal(failure.detail, endpoint.value) };
      });
    },
  };
}

/** What acts on a message, and does not only answer it, must know one that it has seen: it may be asked again. */
const idempotency = ({ delivery_id }: Origin): { readonly [name: string]: string } => {
  const key = headerText(delivery_id);
  return key === undefined ? {} : { "idempotency-key": key };
};

const headersOf = (endpoint: Endpoint, dialect: ApiModeDialect): Record<string, string> => ({
  "content-type": "application/json",
  accept: "text/event-stream, application/json",
  "user-agent": "talaria",
  ...dialect.headers(endpoint.key),
  ...endpoint.headers,
});

/** Sends the same request on every try, without the optional fields once they were refused. */
function poster(
  url: string,
  headers: Record<string, string>,
  model: string,
  fields: { readonly [field: string]: unknown },
  dialect: ApiModeDialect,
): Try {
  const { optional } = dialect;
  let bare = refusals.get(url) ?? false;
  return async (answer, deadline) => {
    const { signal } = deadline;
    const sent = Object.entries(fields).filter(([field]) => !bare || !optional.includes(field));
    const body = JSON.stringify(Object.fromEntries(sent));
    let response: Response;
    try {
      response = await request(url, { method: "POST", headers, body, signal });
    } catch (error) {
      if (refusedByRuntime(error)) return NOT_SENT;
      return { reason: "unreachable", detail: `no connection${codeOf(error)}` };
    }
    const { status } = response;
    if (status !== 400 && status !== 422) return readResponse(response, model, dialect, answer, deadline);
    const error = await errorBody(response, signal);
    const field = bare ? undefined : optional.find((name) => error.includes(name));
    if (field === undefined) return refusalOf(response, error, model, deadline.now());
    bare = true;
    // Words alone may be the user's, echoed: enough to ask again without the field, not to do so for everyone.
    if (blames(error, field)) refusals.set(url, true);
    return { reason: "rejected", status, detail: `refused ${field}`, retry: true, retry_after_ms: 0 };
  };
}

/** The system's code of a network error (`ECONNREFUSED`); its message may contain the address. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && isObject(error.cause) ? error.cause.code : undefined;
  return typeof code === "string" && /^[A-Z_]{1,40}$/.test(code) ? ` (${code})` : "";
}
