import type { InferenceDouble } from "../../../tools/doubles/inference.ts";
import { chatAnswer, type Exchange, type Script, silence } from "../../../tools/doubles/raw-endpoint.ts";

/** The limits of the faulty endpoint's route, in seconds, and when the answer is there at the latest. */
export const LIMITS = { first_token: 1, idle: 0.6, total: 2 } as const;
/** Beyond what a fault's own waits come to: the machine may be busy. */
export const SLACK_MS = 4_000;

/** What an endpoint does, and what comes of it. */
export interface Fault {
  readonly fault: string;
  /** What is done with each request in turn; the last stays. */
  readonly scripts: readonly Script[];
  /** What the user reads. */
  readonly sees: RegExp;
  /** The turn's outcome in the log. */
  readonly outcome: string;
  /** What the log says of it. */
  readonly detail?: RegExp;
  readonly calls: number;
  /** Milliseconds that it takes at least: backoff less its jitter, an asked wait, a limit. */
  readonly least_ms: number;
}

/** Errors as real endpoints send them, which quote what they were sent. */
const LEAKY = { error: { message: "Bad key sk-faulty-0123456789abcdef for: the private word" } };
const GOOD = "Here is the answer.";

const status =
  (code: number, headers: { readonly [name: string]: string } = {}, body: object = LEAKY): Script =>
  ({ head }) =>
    head(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const begun = (exchange: Exchange) => exchange.stream().chunk({ role: "assistant", content: "Half an ans" });
const cutAfterText: Script = (exchange) => {
  begun(exchange);
  exchange.cut();
};
const inStream: Script = (exchange) => {
  begun(exchange);
  exchange.event({ error: { code: 502, message: LEAKY.error.message } }).end();
};
/** Goes on for ever, faster than the idle limit. */
const every =
  (ms: number, send: Script): Script =>
  (exchange) => {
    exchange.stream();
    const timer = setInterval(() => send(exchange), ms);
    void exchange.closed.then(() => clearInterval(timer));
  };
const good = chatAnswer(GOOD);
const answered = { sees: /^Here is the answer\.$/, outcome: "ok" } as const;
const problem = { sees: /^The model's endpoint has a problem right now\./, outcome: "unavailable" } as const;
const busy = { sees: /^The model's endpoint is busy right now\./, outcome: "rate_limited" } as const;
const brokeOff = { sees: /^The model's answer broke off before its end\./, outcome: "cut" } as const;
const tooSlow = { sees: /^The model took too long to answer\./, outcome: "timeout" } as const;

/** An endpoint of chat completions that is faulty on the level of bytes. */
export const FAULTS: readonly Fault[] = [
  { fault: "500, then good", scripts: [status(500), good], ...answered, calls: 2, least_ms: 375 },
  { fault: "500 for good", scripts: [status(500)], ...problem, calls: 3, least_ms: 375 + 750 },
  {
    fault: "429 with Retry-After: 1, then good",
    scripts: [status(429, { "retry-after": "1" }), good],
    ...answered,
    calls: 2,
    least_ms: 1_000,
  },
  {
    fault: "429 with Retry-After: 3600",
    scripts: [status(429, { "retry-after": "3600" })],
    ...busy,
    calls: 1,
    least_ms: 0,
  },
  {
    fault: "malformed JSON in a whole answer",
    scripts: [({ head }) => head(200, { "content-type": "application/json" }).end('{"choices": [{"mess')],
    sees: /^The model's endpoint sent an answer that cannot be read\./,
    outcome: "malformed",
    calls: 1,
    least_ms: 0,
  },
  {
    fault: "malformed JSON in a stream",
    scripts: [({ stream }) => stream().event('{"choices": [{"delta": {"content": "Half').end()],
    sees: /^The model's endpoint sent an answer that cannot be read\./,
    outcome: "malformed",
    calls: 1,
    least_ms: 0,
  },
  {
    fault: "stream cut before the first text, then good",
    scripts: [({ stream }) => stream().cut(), good],
    ...answered,
    calls: 2,
    least_ms: 375,
  },
  {
    fault: "stream cut after the first text, then good",
    scripts: [cutAfterText, good],
    ...answered,
    calls: 2,
    least_ms: 375,
  },
  {
    fault: "stream cut after the first text, for good",
    scripts: [cutAfterText],
    ...brokeOff,
    calls: 2,
    least_ms: 375,
  },
  {
    fault: "stream that ends without a finish mark",
    scripts: [(exchange) => begun(exchange).end()],
    ...brokeOff,
    calls: 2,
    least_ms: 375,
  },
  {
    fault: "error inside the stream, then good",
    scripts: [inStream, good],
    ...answered,
    calls: 2,
    least_ms: 375,
  },
  { fault: "error inside the stream, for good", scripts: [inStream], ...problem, calls: 2, least_ms: 375 },
  {
    fault: "silent endpoint (first_token: 1)",
    scripts: [silence],
    ...tooSlow,
    detail: /^no output within 1000 ms$/,
    calls: 1,
    least_ms: LIMITS.first_token * 1_000,
  },
  {
    fault: "first-token stall: comments only (first_token: 1)",
    scripts: [every(100, ({ write }) => write(": PROCESSING\n\n"))],
    ...tooSlow,
    detail: /^no output within 1000 ms$/,
    calls: 1,
    least_ms: LIMITS.first_token * 1_000,
  },
  {
    fault: "stall between chunks (idle: 0.6)",
    scripts: [begun],
    ...tooSlow,
    detail: /^nothing more for 600 ms$/,
    calls: 1,
    least_ms: LIMITS.idle * 1_000,
  },
  {
    fault: "stream without end (total: 2)",
    scripts: [every(100, ({ chunk }) => chunk({ content: "more " }))],
    ...tooSlow,
    detail: /^no whole answer within the total time limit$/,
    calls: 1,
    least_ms: LIMITS.total * 1_000,
  },
  {
    fault: "answer of more than 256 K characters",
    scripts: [every(1, ({ chunk }) => chunk({ content: "x".repeat(60_000) }))],
    sees: /^The model's answer grew far too long/,
    outcome: "too_large",
    calls: 1,
    least_ms: 0,
  },
  {
    fault: "reasoning and no answer",
    scripts: [(exchange) => exchange.stream().chunk({ reasoning_content: "Hm." }).chunk({}, "length").end()],
    sees: /^The model thought about this but gave no answer\./,
    outcome: "only_reasoning",
    calls: 1,
    least_ms: 0,
  },
  {
    fault: "401 that quotes the key and the chat",
    scripts: [status(401)],
    sees: /^The model's endpoint did not accept this bot's key\./,
    outcome: "unauthorized",
    calls: 1,
    least_ms: 0,
  },
];

/** What the mock of a real endpoint can be told to do, in every api mode. */
export const CHAOS: readonly (Omit<Fault, "scripts"> & {
  play(endpoint: InferenceDouble): void;
})[] = [
  {
    fault: "aimock drops every request (500)",
    play: (endpoint) => endpoint.chaos({ dropRate: 1 }),
    ...problem,
    calls: 3,
    least_ms: 375 + 750,
  },
  {
    fault: "aimock answers malformed JSON",
    play: (endpoint) => endpoint.chaos({ malformedRate: 1 }),
    sees: /^The model's endpoint sent an answer that cannot be read\./,
    outcome: "malformed",
    calls: 1,
    least_ms: 0,
  },
  {
    fault: "aimock disconnects every request",
    play: (endpoint) => endpoint.chaos({ disconnectRate: 1 }),
    sees: /^The model's endpoint cannot be reached right now\./,
    outcome: "unreachable",
    calls: 3,
    least_ms: 375 + 750,
  },
  {
    fault: "aimock cuts one stream, then answers",
    play: (endpoint) => endpoint.cutNext(1, 2),
    sees: /heard: chaos$/,
    outcome: "ok",
    calls: 2,
    least_ms: 375,
  },
];
