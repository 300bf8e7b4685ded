import { answered, type Fault, failed, good, status } from "./fault.ts";

/** Error answers. */
export const HTTP_FAULTS: readonly Fault[] = [
  // Errors that pass: asked again.
  { fault: "500, then good", scripts: [status(500), good], gives: answered, calls: 2 },
  { fault: "408, then good", scripts: [status(408), good], gives: answered, calls: 2 },
  { fault: "409, then good", scripts: [status(409), good], gives: answered, calls: 2 },
  { fault: "529 overloaded, then good", scripts: [status(529), good], gives: answered, calls: 2 },
  {
    fault: "503 for good",
    scripts: [status(503)],
    gives: failed("unavailable", { status: 503, tries: 3, partial: false }),
    calls: 3,
  },
  {
    fault: "429 with Retry-After in seconds, then good",
    scripts: [status(429, {}, { "retry-after": "1" }), good],
    gives: answered,
    calls: 2,
    waits: [1000],
  },
  {
    fault: "429 with retry-after-ms, which is more exact",
    scripts: [status(429, {}, { "retry-after-ms": "1100", "retry-after": "2" }), good],
    gives: answered,
    calls: 2,
    waits: [1100],
  },
  {
    fault: "429 that asks for an hour",
    scripts: [status(429, {}, { "retry-after": "3600" })],
    gives: failed("rate_limited", { status: 429, retry_after_ms: 3_600_000 }),
    calls: 1,
  },
  {
    fault: "503 that says not to retry",
    scripts: [status(503, {}, { "x-should-retry": "false" })],
    gives: failed("unavailable"),
    calls: 1,
  },
  {
    fault: "400 that says to retry",
    scripts: [status(400, {}, { "x-should-retry": "true" }), good],
    gives: answered,
    calls: 2,
  },
  {
    fault: "an endpoint that knows no stream_options",
    scripts: [status(422, { param: "stream_options" }), good],
    gives: answered,
    calls: 2,
    waits: [],
  },

  // Errors that stay: asked once.
  { fault: "401", scripts: [status(401)], gives: failed("unauthorized", { status: 401 }), calls: 1 },
  { fault: "403", scripts: [status(403)], gives: failed("unauthorized", { status: 403 }), calls: 1 },
  {
    fault: "403 from OpenRouter's moderation",
    scripts: [status(403, { code: 403, metadata: { reasons: ["violence"], flagged_input: "…" } })],
    gives: failed("filtered"),
    calls: 1,
  },
  ...(
    [
      ["OpenAI", { code: "model_not_found" }],
      ["vLLM", { type: "NotFoundError", param: "model" }],
      ["Azure", { code: "DeploymentNotFound" }],
      ["Anthropic", { type: "not_found_error", message: "model: claude-opus-5" }],
      ["OpenRouter", { code: 404, message: "No endpoints found for claude-opus-5." }],
    ] as const
  ).map(([server, error]) => ({
    fault: `404 because there is no such model (${server})`,
    scripts: [status(404, error)],
    gives: failed("not_found", { status: 404 }),
    calls: 1,
  })),
  ...(
    [
      ["OpenAI", { code: "unknown_url", message: "Unknown request URL: POST /chat/completions." }],
      ["Anthropic", { type: "not_found_error", message: "Not Found" }],
    ] as const
  ).map(([server, error]) => ({
    fault: `404 because nothing is at this path (${server})`,
    scripts: [status(404, error)],
    gives: failed("no_endpoint", { status: 404 }),
    calls: 1,
  })),
  {
    fault: "404 with a page, as a web server has it",
    scripts: [({ head }) => head(404, { "content-type": "text/html" }).end("<h1>404 claude-opus-5</h1>")],
    gives: failed("no_endpoint", { status: 404, detail: "HTTP 404" }),
    calls: 1,
  },
  { fault: "405", scripts: [status(405)], gives: failed("no_endpoint", { status: 405 }), calls: 1 },
  { fault: "402", scripts: [status(402)], gives: failed("payment_required"), calls: 1 },
  {
    fault: "429 because the quota is used up",
    scripts: [status(429, { type: "insufficient_quota", code: "insufficient_quota" })],
    gives: failed("payment_required"),
    calls: 1,
  },
  {
    fault: "400",
    scripts: [status(400, { type: "invalid_request_error", param: "temperature" })],
    gives: failed("rejected", { detail: "HTTP 400 invalid_request_error temperature" }),
    calls: 1,
  },
  {
    fault: "400 because the conversation is too long (OpenAI)",
    scripts: [status(400, { code: "context_length_exceeded" })],
    gives: failed("too_long"),
    calls: 1,
  },
  {
    fault: "400 because the conversation is too long (Anthropic)",
    scripts: [status(400, { message: "prompt is too long: 213462 tokens > 200000 maximum" })],
    gives: failed("too_long"),
    calls: 1,
  },
  { fault: "413", scripts: [status(413)], gives: failed("too_long"), calls: 1 },
  {
    fault: "400 by the content filter",
    scripts: [status(400, { code: "content_filter" })],
    gives: failed("filtered"),
    calls: 1,
  },
];
