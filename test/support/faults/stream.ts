import { expect } from "vitest";
import { chatAnswer, type Exchange, type Script, silence } from "../raw-endpoint.ts";
import { answered, type Fault, failed, good, HALF, QUOTING } from "./fault.ts";

const event =
  (data: unknown, name?: string): Script =>
  ({ stream }) =>
    stream().event(data, name).end();
const text = (exchange: Exchange) => exchange.stream().chunk({ content: HALF });
/** Begins a stream, and then sends this again and again until the connection is gone. */
const every =
  (ms: number, send: Script): Script =>
  (exchange) => {
    exchange.stream();
    const timer = setInterval(() => send(exchange), ms);
    void exchange.closed.then(() => clearInterval(timer));
  };

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
    scripts: [every(1, ({ chunk }) => chunk({ content: "x".repeat(60_000) }))],
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
    fault: "an error among the data after the first text, then good",
    scripts: [
      (exchange) =>
        text(exchange)
          .event({ error: { code: 502, message: QUOTING } })
          .end(),
      good,
    ],
    gives: answered,
    calls: 2,
  },
  {
    fault: "finish_reason error, then good",
    scripts: [({ stream }) => stream().chunk({}, "error").end(), good],
    gives: answered,
    calls: 2,
  },

  // Time.
  {
    fault: "a silent endpoint",
    scripts: [silence],
    gives: failed("timeout", { detail: expect.stringMatching(/^no output within \d+ ms$/), partial: false }),
    calls: 1,
    limit: "first_token",
  },
  {
    fault: "a stream of comments before the first token",
    scripts: [every(20, ({ write }) => write(": OPENROUTER PROCESSING\n\n"))],
    gives: failed("timeout", { detail: expect.stringMatching(/^no output within \d+ ms$/), partial: false }),
    calls: 1,
    limit: "first_token",
  },
  {
    fault: "a stream that stalls between chunks",
    scripts: [text],
    gives: failed("timeout", { detail: expect.stringMatching(/^nothing more for \d+ ms$/), partial: true }),
    calls: 1,
    limit: "idle",
  },
  {
    fault: "an answer that comes steadily and never ends",
    scripts: [every(20, ({ chunk }) => chunk({ content: "more " }))],
    gives: failed("timeout", { detail: "no whole answer within the total time limit", partial: true }),
    calls: 1,
    limit: "total",
  },
];
