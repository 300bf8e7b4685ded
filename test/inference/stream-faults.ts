import { chatAnswer, type Exchange, type Script, silence } from "../../tools/doubles/raw-endpoint.ts";
import { answered, type Fault, failed, good, QUOTING } from "./http-faults.ts";

const event =
  (data: unknown, name?: string): Script =>
  ({ stream }) =>
    stream().event(data, name).end();
const text = (exchange: Exchange) => exchange.stream().chunk({ content: "The word" });

/** Answers that are none, connections that break, streams that fail with status 200, silence. */
export const STREAM_FAULTS: readonly Fault[] = [
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
  {
    fault: "a silent endpoint",
    scripts: [silence],
    timeouts: { first_token_ms: 150 },
    gives: failed("timeout", { partial: false }),
    calls: 1,
  },
  {
    fault: "a stream that stalls before its first token",
    scripts: [({ stream }) => stream().write(": OPENROUTER PROCESSING\n\n")],
    timeouts: { first_token_ms: 150 },
    gives: failed("timeout", { detail: "no output within 150 ms", partial: false }),
    calls: 1,
  },
  {
    fault: "a stream that stalls between chunks",
    scripts: [text],
    timeouts: { idle_ms: 100 },
    gives: failed("timeout", { detail: "nothing more for 100 ms", partial: true }),
    calls: 1,
  },
];
