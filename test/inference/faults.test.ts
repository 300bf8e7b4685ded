import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  chatAnswer,
  type Exchange,
  type RawEndpoint,
  type Script,
  silence,
  startRawEndpoint,
} from "../../tools/doubles/raw-endpoint.ts";
import { ask, bundleOf, instantClock, KEY } from "./setup.ts";

let endpoint: RawEndpoint;
let elsewhere: RawEndpoint;
beforeAll(async () => {
  endpoint = await startRawEndpoint();
  elsewhere = await startRawEndpoint();
});
afterAll(async () => {
  await endpoint.stop();
  await elsewhere.stop();
});

/** Errors of these doubles quote the key and the chat, as real ones sometimes do. */
const QUOTING = `Incorrect API key ${KEY} for: What is the private word?`;
const status =
  (code: number, error: object = {}, headers: { [name: string]: string } = {}): Script =>
  ({ head }) =>
    head(code, { "content-type": "application/json", ...headers }).end(
      JSON.stringify({ error: { message: QUOTING, ...error } }),
    );
const good = chatAnswer("The word is out.");
const event =
  (data: unknown, name?: string): Script =>
  ({ stream }) =>
    stream().event(data, name).end();
const text = (exchange: Exchange) => exchange.stream().chunk({ content: "The word" });

const answered = { ok: true, value: { text: "The word is out.", finish: "stop" } };
const failed = (reason: string, more: object = {}) => ({ ok: false, error: { reason, ...more } });

interface Row {
  readonly fault: string;
  readonly scripts: readonly Script[];
  readonly gives: object;
  readonly calls: number;
  /** Milliseconds waited before each retry. */
  readonly waits?: readonly number[];
}

const ROWS: readonly Row[] = [
  // Errors that pass: asked again.
  { fault: "500, then good", scripts: [status(500), good], gives: answered, calls: 2, waits: [500] },
  { fault: "408, then good", scripts: [status(408), good], gives: answered, calls: 2 },
  { fault: "409, then good", scripts: [status(409), good], gives: answered, calls: 2 },
  { fault: "529 overloaded, then good", scripts: [status(529), good], gives: answered, calls: 2 },
  {
    fault: "503 for good",
    scripts: [status(503)],
    gives: failed("unavailable", { status: 503, tries: 3, partial: false }),
    calls: 3,
    waits: [500, 1000],
  },
  {
    fault: "429 with Retry-After in seconds, then good",
    scripts: [status(429, {}, { "retry-after": "2" }), good],
    gives: answered,
    calls: 2,
    waits: [2000],
  },
  {
    fault: "429 with retry-after-ms, which is more exact",
    scripts: [status(429, {}, { "retry-after-ms": "1500", "retry-after": "2" }), good],
    gives: answered,
    calls: 2,
    waits: [1500],
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
    scripts: [status(422, { message: "extra_forbidden: stream_options" }), good],
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
  { fault: "404", scripts: [status(404)], gives: failed("not_found", { status: 404 }), calls: 1 },
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
  {
    fault: "a redirect to another origin",
    scripts: [({ head }) => head(307, { location: `${elsewhere.url}/chat/completions` }).end()],
    gives: failed("redirected", { status: 307 }),
    calls: 1,
  },

  // What is no answer.
  {
    fault: "a body that is no JSON",
    scripts: [({ head }) => head(200, { "content-type": "application/json" }).end('{"choices": [')],
    gives: failed("malformed"),
    calls: 1,
  },
  {
    fault: "a web page",
    scripts: [({ head }) => head(200, { "content-type": "text/html" }).end("<h1>Sign in</h1>")],
    gives: failed("malformed"),
    calls: 1,
  },
  {
    fault: "an event that is no JSON",
    scripts: [event('{"choices": [{"delta": {"content": "The')],
    gives: failed("malformed"),
    calls: 1,
  },
  { fault: "an empty body", scripts: [({ head }) => head(204).end()], gives: failed("empty"), calls: 1 },
  { fault: "an empty answer", scripts: [chatAnswer("  \n ")], gives: failed("empty"), calls: 1 },
  {
    fault: "reasoning and no answer",
    scripts: [({ stream }) => stream().chunk({ reasoning_content: "Hm." }).chunk({}, "length").end()],
    gives: failed("only_reasoning"),
    calls: 1,
  },
  {
    fault: "nothing but <think>",
    scripts: [chatAnswer("<think>They want the word.")],
    gives: failed("only_reasoning"),
    calls: 1,
  },
  {
    fault: "an answer that the filter held back whole",
    scripts: [({ stream }) => stream().chunk({}, "content_filter").end()],
    gives: failed("filtered"),
    calls: 1,
  },
  {
    fault: "an answer without end",
    scripts: [
      (exchange) => {
        exchange.stream();
        for (let i = 0; i < 30; i++) exchange.chunk({ content: "x".repeat(10_000) });
      },
    ],
    gives: failed("too_large", { partial: true }),
    calls: 1,
  },
  {
    fault: "a plain body without end",
    scripts: [
      ({ head }) => head(200, { "content-type": "application/json" }).write("x".repeat(3 * 1024 * 1024)),
    ],
    gives: failed("too_large"),
    calls: 1,
  },
  {
    fault: "an event without end",
    scripts: [({ stream }) => stream().write(`data: "${"x".repeat(3 * 1024 * 1024)}`)],
    gives: failed("too_large"),
    calls: 1,
  },

  // Connections that break, streams that fail with status 200.
  {
    fault: "a connection cut before the first text, then good",
    scripts: [({ stream }) => stream().cut(), good],
    gives: answered,
    calls: 2,
  },
  {
    fault: "a connection cut before any answer, for good",
    scripts: [({ cut }) => cut()],
    gives: failed("unreachable", { tries: 3 }),
    calls: 3,
  },
  {
    fault: "a stream cut after the first text, then good",
    scripts: [(exchange) => text(exchange).cut(), good],
    gives: answered,
    calls: 2,
  },
  {
    fault: "a stream cut after the first text, for good",
    scripts: [(exchange) => text(exchange).cut()],
    gives: failed("cut", { partial: true, tries: 2 }),
    calls: 2,
  },
  {
    fault: "a stream that ends in order but without a finish mark",
    scripts: [(exchange) => text(exchange).end()],
    gives: failed("cut", { partial: true }),
    calls: 2,
  },
  {
    fault: "a stream cut inside an event",
    scripts: [(exchange) => text(exchange).write('data: {"choices":[{"del').end()],
    gives: failed("cut", { partial: true }),
    calls: 2,
  },
  {
    fault: "event: error, then good",
    scripts: [event({ error: { type: "server_error", message: QUOTING } }, "error"), good],
    gives: answered,
    calls: 2,
  },
  {
    fault: "an error among the data",
    scripts: [event({ error: { code: "rate_limit_exceeded", message: QUOTING } })],
    gives: failed("rate_limited", { detail: "error inside the stream rate_limit_exceeded" }),
    calls: 3,
  },
  {
    fault: "an error among the data after the first text (OpenRouter)",
    scripts: [
      (exchange) =>
        text(exchange)
          .event({
            error: { code: 502, message: QUOTING },
            choices: [{ delta: { content: "" }, finish_reason: "error" }],
          })
          .end(),
    ],
    gives: failed("unavailable", { status: 502, partial: true }),
    calls: 2,
  },
  {
    fault: "finish_reason error",
    scripts: [({ stream }) => stream().chunk({}, "error").end(), good],
    gives: answered,
    calls: 2,
  },

  // Time.
  { fault: "a silent endpoint", scripts: [silence], gives: failed("timeout", { partial: false }), calls: 1 },
  {
    fault: "a stream that stalls before its first token",
    scripts: [({ stream }) => stream().write(": OPENROUTER PROCESSING\n\n")],
    gives: failed("timeout", { detail: "no output within 150 ms", partial: false }),
    calls: 1,
  },
  {
    fault: "a stream that stalls between chunks",
    scripts: [text],
    gives: failed("timeout", { detail: "nothing more for 100 ms", partial: true }),
    calls: 1,
  },
];

describe("what each fault comes to, and how often the endpoint is asked", () => {
  it.each(ROWS)("$fault", async ({ scripts, gives, calls, waits }) => {
    const asked = endpoint.requests.length;
    endpoint.script(...scripts);
    const clock = instantClock();
    const timeouts = { first_token_ms: 150, idle_ms: 100, total_ms: 60_000 };

    const result = await ask(bundleOf(`${endpoint.url}/${asked}`, { timeouts }), {}, clock);

    expect(result).toMatchObject(gives);
    expect(endpoint.requests.length - asked).toBe(calls);
    if (waits !== undefined) expect(clock.waits.filter((ms) => ms > 0)).toEqual(waits);
    // Neither a key nor the conversation gets into an error, and no key to anybody else.
    expect(JSON.stringify(result)).not.toContain(KEY);
    if (!result.ok) expect(JSON.stringify(result)).not.toContain("private word");
    expect(elsewhere.requests).toHaveLength(0);
  });

  it("a refused connection", async () => {
    const gone = await startRawEndpoint();
    await gone.stop();
    const result = await ask(bundleOf(gone.url));
    expect(result).toMatchObject(failed("unreachable", { tries: 3, detail: "no connection (ECONNREFUSED)" }));
  });

  it("remembers what an endpoint refused, so that the next turn is not refused again", async () => {
    const bundle = bundleOf(`${endpoint.url}/picky`);
    endpoint.script(status(400, { message: "Unrecognized request argument: stream_options" }), good);
    await ask(bundle);
    const asked = endpoint.requests.length;
    expect(await ask(bundle)).toMatchObject({ ...answered, value: { tries: 1 } });
    expect(endpoint.requests.length - asked).toBe(1);
    expect(endpoint.requests.at(-1)?.body).not.toHaveProperty("stream_options");
  });
});
