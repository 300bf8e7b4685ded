import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RawEndpoint, type Script, startRawEndpoint } from "../../tools/doubles/raw-endpoint.ts";
import { ask, bundleOf, envOf } from "./setup.ts";

let endpoint: RawEndpoint;
beforeAll(async () => {
  endpoint = await startRawEndpoint();
});
afterAll(() => endpoint.stop());

async function answerTo(script: Script, fields: Parameters<typeof bundleOf>[1] = {}) {
  endpoint.script(script);
  const result = await ask(bundleOf(endpoint.url, fields));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const END = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

describe("a stream of chat completions", () => {
  it("has comments, blank keep-alives, CRLF line ends and fields of no interest", async () => {
    const { text } = await answerTo(({ stream }) =>
      stream()
        .write(": OPENROUTER PROCESSING\r\n\r\n")
        .write('id: 1\r\nretry: 10\r\ndata: {"choices":[{"delta":{"content":"Hel"}}]}\r')
        .write('\n\r\ndata:\r\n\r\ndata: {"choices":[{"delta":{"content":"lo"}}],\r\ndata: "x":1}\r\n\r\n')
        .end(END),
    );
    expect(text).toBe("Hello");
  });

  it("may be cut into network chunks anywhere, even inside a character", async () => {
    const bytes = new TextEncoder().encode(`${chunk("Grüße, 世界 👋🏽").replaceAll("\n", "\r\n")}${END}`);
    // A binding's stream, because sockets put bytes together again.
    const body = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const bundle = bundleOf(null, { provider: "workers-ai", api_key: null });
    const env = envOf({ AI: { run: async () => body } });
    expect(await ask(bundle, { env })).toMatchObject({ ok: true, value: { text: "Grüße, 世界 👋🏽" } });
  });

  it("tells the tokens in a last chunk without choices", async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 12 },
    };
    const answer = await answerTo(({ stream }) =>
      stream().chunk({ content: "Hi" }).chunk({}, "stop").event({ choices: [], usage }).event("[DONE]").end(),
    );
    expect(answer.usage).toEqual({ input: 100, output: 20, cached: 64, reasoning: 12 });
  });

  it("may carry reasoning in any of its fields, which is never part of the answer", async () => {
    const { text } = await answerTo(({ stream }) =>
      stream()
        .chunk({ reasoning_content: "secret thought 1", content: null })
        .chunk({ reasoning: "secret thought 2" })
        .chunk({ reasoning_details: [{ type: "reasoning.text", text: "secret thought 3" }] })
        .chunk({ content: [{ type: "thinking", thinking: [{ type: "text", text: "secret thought 4" }] }] })
        .chunk({ content: "<thi" })
        .chunk({ content: "nk>secret thought 5</th" })
        .chunk({ content: "ink>\n\nThe " })
        .chunk({ content: [{ type: "text", text: "answer." }] })
        .chunk({}, "stop")
        .end(),
    );
    expect(text).toBe("The answer.");
  });

  it("may leave out [DONE], or finish_reason, or the last blank line", async () => {
    const whole = chunk("Hello");
    for (const end of [
      'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
      "data: [DONE]\n\n",
      "data: [DONE]",
    ]) {
      expect((await answerTo(({ stream }) => stream().end(whole + end))).text).toBe("Hello");
    }
  });

  it("need not be closed after its end", async () => {
    const { text, total_ms } = await answerTo(({ stream }) => stream().write(chunk("Hello") + END));
    expect(text).toBe("Hello");
    expect(total_ms).toBeLessThan(2_000);
  });

  it("is an answer if it breaks only after the finish mark", async () => {
    const { text } = await answerTo(({ stream }) =>
      stream().chunk({ content: "Hello" }).chunk({}, "stop").cut(),
    );
    expect(text).toBe("Hello");
  });

  it("gives a refusal's words as the answer", async () => {
    const { text } = await answerTo(({ stream }) =>
      stream().chunk({ refusal: "I cannot do that." }).chunk({}, "stop").end(),
    );
    expect(text).toBe("I cannot do that.");
  });
});

describe("an endpoint that ignores `stream: true`", () => {
  const whole =
    (payload: object): Script =>
    ({ head }) =>
      head(200, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(payload));

  it("answers with a whole completion", async () => {
    const message = { role: "assistant", content: "<think>hm</think>Hello", reasoning_content: "hm" };
    const answer = await answerTo(
      whole({ choices: [{ message, finish_reason: "length" }], usage: { prompt_tokens: 3 } }),
    );
    expect(answer).toMatchObject({ text: "Hello", finish: "length", usage: { input: 3, output: null } });
  });

  it("answers with a whole Anthropic message", async () => {
    const content = [
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "Hello" },
    ];
    const usage = { input_tokens: 3, output_tokens: 9 };
    const answer = await answerTo(whole({ type: "message", content, stop_reason: "max_tokens", usage }), {
      api_mode: "anthropic_messages",
    });
    expect(answer).toMatchObject({ text: "Hello", finish: "length", usage: { input: 3, output: 9 } });
  });

  it("answers with a whole response", async () => {
    const output = [
      { type: "reasoning", summary: [] },
      { type: "message", content: [{ type: "output_text", text: "Hello" }] },
    ];
    const answer = await answerTo(whole({ status: "completed", error: null, output }), {
      api_mode: "responses",
    });
    expect(answer.text).toBe("Hello");
  });

  it("answers 200 with an error inside", async () => {
    endpoint.script(whole({ error: { code: 503, message: "no provider" } }));
    expect(await ask(bundleOf(endpoint.url))).toMatchObject({ ok: false, error: { reason: "unavailable" } });
  });
});

/** As the Messages API streams it. */
describe("a stream of Anthropic messages", () => {
  const api_mode = "anthropic_messages" as const;
  const start = {
    type: "message_start",
    message: {
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 90,
        cache_creation_input_tokens: 5,
        output_tokens: 1,
      },
    },
  };
  const delta = (delta: object) => ({ type: "content_block_delta", index: 0, delta });

  it("has pings, thinking and signatures beside the text", async () => {
    const answer = await answerTo(
      ({ stream }) =>
        stream()
          .event(start, "message_start")
          .event({ type: "ping" }, "ping")
          .event({ type: "content_block_start", content_block: { type: "thinking" } }, "content_block_start")
          .event(delta({ type: "thinking_delta", thinking: "secret thought" }), "content_block_delta")
          .event(delta({ type: "signature_delta", signature: "EqQB" }), "content_block_delta")
          .event(delta({ type: "text_delta", text: "The answer." }), "content_block_delta")
          .event(
            { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 42 } },
            "message_delta",
          )
          .event({ type: "message_stop" }, "message_stop")
          .end(),
      { api_mode },
    );
    expect(answer).toMatchObject({ text: "The answer.", finish: "stop" });
    // Input is all of the input, as with every other endpoint.
    expect(answer.usage).toEqual({ input: 105, output: 42, cached: 90, reasoning: null });
  });

  it.each([
    ["overloaded_error", "unavailable", 3],
    ["rate_limit_error", "rate_limited", 3],
    ["api_error", "unavailable", 3],
    ["authentication_error", "unauthorized", 1],
    ["billing_error", "payment_required", 1],
    ["invalid_request_error", "rejected", 1],
  ])("may fail with %s after HTTP 200", async (type, reason, tries) => {
    endpoint.script(({ stream }) =>
      stream()
        .event(start, "message_start")
        .event({ type: "error", error: { type, message: "…" } }, "error")
        .end(),
    );
    expect(await ask(bundleOf(endpoint.url, { api_mode }))).toMatchObject({
      ok: false,
      error: { reason, tries },
    });
  });

  it.each([
    ["refusal", "content_filter"],
    ["model_context_window_exceeded", "length"],
    ["stop_sequence", "stop"],
  ] as const)("ends with %s", async (stop_reason, finish) => {
    const answer = await answerTo(
      ({ stream }) =>
        stream()
          .event(delta({ type: "text_delta", text: "Well" }))
          .event({ type: "message_delta", delta: { stop_reason } })
          .event({ type: "message_stop" })
          .end(),
      { api_mode },
    );
    expect(answer).toMatchObject({ text: "Well", finish });
  });
});

/** As the Responses API streams it. */
describe("a stream of Responses events", () => {
  const api_mode = "responses" as const;
  const delta = (text: string) => ({ type: "response.output_text.delta", delta: text });

  it("has reasoning summaries and bookkeeping beside the text", async () => {
    const usage = {
      input_tokens: 50,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 20 },
    };
    const output = [{ type: "message", content: [{ type: "output_text", text: "The answer." }] }];
    const answer = await answerTo(
      ({ stream }) =>
        stream()
          .event({ type: "response.created", response: { status: "in_progress" } })
          .event({ type: "response.reasoning_summary_text.delta", delta: "secret thought" })
          .event(delta("The "))
          .event(delta("answer."))
          .event({ type: "response.output_text.done", text: "The answer." })
          .event({
            type: "response.completed",
            response: { status: "completed", error: null, output, usage },
          })
          .end(),
      { api_mode },
    );
    expect(answer).toMatchObject({ text: "The answer.", finish: "stop" });
    expect(answer.usage).toEqual({ input: 50, output: 30, cached: 40, reasoning: 20 });
  });

  it.each([
    ["max_output_tokens", "length"],
    ["content_filter", "content_filter"],
  ])("may be incomplete: %s", async (reason, finish) => {
    const response = { status: "incomplete", incomplete_details: { reason } };
    const answer = await answerTo(
      ({ stream }) => stream().event(delta("Well")).event({ type: "response.incomplete", response }).end(),
      { api_mode },
    );
    expect(answer).toMatchObject({ text: "Well", finish });
  });

  it.each([
    [
      { type: "response.failed", response: { status: "failed", error: { code: "server_error" } } },
      "unavailable",
      3,
    ],
    [{ type: "error", code: "rate_limit_exceeded", message: "…" }, "rate_limited", 3],
    [{ type: "response.failed", response: { error: { code: "invalid_prompt" } } }, "rejected", 1],
  ])("may fail: %j", async (event, reason, tries) => {
    endpoint.script(({ stream }) => stream().event(event).end());
    expect(await ask(bundleOf(endpoint.url, { api_mode }))).toMatchObject({
      ok: false,
      error: { reason, tries },
    });
  });
});
