import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { answerTo, ask, bundleOf } from "./setup.ts";

let endpoint: RawEndpoint;
beforeAll(async () => {
  endpoint = await startRawEndpoint();
});
afterAll(() => endpoint.stop());

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

  test("has pings, thinking and signatures beside the text", async () => {
    const answer = await answerTo(
      endpoint,
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

  test.each([
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

  test.each([
    ["refusal", "content_filter"],
    ["model_context_window_exceeded", "length"],
    ["stop_sequence", "stop"],
  ] as const)("ends with %s", async (stop_reason, finish) => {
    const answer = await answerTo(
      endpoint,
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

  test("has reasoning summaries and bookkeeping beside the text", async () => {
    const usage = {
      input_tokens: 50,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 20 },
    };
    const output = [{ type: "message", content: [{ type: "output_text", text: "The answer." }] }];
    const answer = await answerTo(
      endpoint,
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

  test.each([
    ["max_output_tokens", "length"],
    ["content_filter", "content_filter"],
  ])("may be incomplete: %s", async (reason, finish) => {
    const response = { status: "incomplete", incomplete_details: { reason } };
    const answer = await answerTo(
      endpoint,
      ({ stream }) => stream().event(delta("Well")).event({ type: "response.incomplete", response }).end(),
      { api_mode },
    );
    expect(answer).toMatchObject({ text: "Well", finish });
  });

  test.each([
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

describe("output that is no text is passed over, and keeps what is said before and after it apart", () => {
  const type = "content_block_start";
  const text = (text: string) => ({ type: "content_block_delta", delta: { type: "text_delta", text } });

  test("a server's tool of Anthropic's, whose citations cut a sentence in blocks", async () => {
    const answer = await answerTo(
      endpoint,
      ({ stream }) =>
        stream()
          .event({ type, content_block: { type: "text", text: "" } }, type)
          .event(text("Let me look."), "content_block_delta")
          .event({ type, content_block: { type: "server_tool_use", name: "web_search" } }, type)
          .event({ type: "content_block_delta", delta: { type: "input_json_delta", partial_json: "{" } })
          .event({ type, content_block: { type: "web_search_tool_result", content: [{ url: "x" }] } }, type)
          .event({ type, content_block: { type: "text", text: "" } }, type)
          .event(text("It is "), "content_block_delta")
          .event({ type, content_block: { type: "text", text: "" } }, type)
          .event(text("blue"), "content_block_delta")
          .event({ type: "content_block_delta", delta: { type: "citations_delta", citation: {} } })
          .event(text("."), "content_block_delta")
          .event({ type: "message_delta", delta: { stop_reason: "end_turn" } }, "message_delta")
          .event({ type: "message_stop" }, "message_stop")
          .end(),
      { api_mode: "anthropic_messages" },
    );
    expect(answer.text).toBe("Let me look.\n\nIt is blue.");
  });

  test("calls of the Responses API, streamed or whole", async () => {
    const message = (text: string) => ({ type: "message", content: [{ type: "output_text", text }] });
    const output = [
      { type: "reasoning", summary: [] },
      message("Let me look."),
      { type: "web_search_call", status: "completed", action: {} },
      { type: "image_generation_call", result: "iVBORw0KGgo=" },
      message("It is blue."),
    ];
    const added = (item: object) => ({ type: "response.output_item.added", item });
    const say = (delta: string) => ({ type: "response.output_text.delta", delta });
    const streamed = await answerTo(
      endpoint,
      ({ stream }) =>
        stream()
          .event(added({ type: "reasoning" }))
          .event(added({ type: "message" }))
          .event(say("Let me "))
          .event(say("look."))
          .event(added({ type: "mcp_call" }))
          .event({ type: "response.mcp_call_arguments.delta", delta: "{" })
          .event(added({ type: "message" }))
          .event(say("It is blue."))
          .event({ type: "response.completed", response: { status: "completed", output } })
          .end(),
      { api_mode: "responses" },
    );
    const whole = await answerTo(
      endpoint,
      ({ head }) =>
        head(200, { "content-type": "application/json" }).end(
          JSON.stringify({ status: "completed", output }),
        ),
      { api_mode: "responses" },
    );
    expect([streamed.text, whole.text]).toEqual(Array(2).fill("Let me look.\n\nIt is blue."));
  });
});
