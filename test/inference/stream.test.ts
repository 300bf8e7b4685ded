import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RawEndpoint, type Script, startRawEndpoint } from "../support/raw-endpoint.ts";
import { answerTo, ask, bundleOf, envOf } from "./setup.ts";

let endpoint: RawEndpoint;
beforeAll(async () => {
  endpoint = await startRawEndpoint();
});
afterAll(() => endpoint.stop());

const END = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

describe("a stream of chat completions", () => {
  test("has comments, blank keep-alives, CRLF line ends and fields of no interest", async () => {
    const { text } = await answerTo(endpoint, ({ stream }) =>
      stream()
        .write(": OPENROUTER PROCESSING\r\n\r\n")
        .write('id: 1\r\nretry: 10\r\ndata: {"choices":[{"delta":{"content":"Hel"}}]}\r')
        .write('\n\r\ndata:\r\n\r\ndata: {"choices":[{"delta":{"content":"lo"}}],\r\ndata: "x":1}\r\n\r\n')
        .end(END),
    );
    expect(text).toBe("Hello");
  });

  test("may be cut into network chunks anywhere, even inside a character", async () => {
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

  test("tells the tokens in a last chunk without choices", async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 12 },
    };
    const answer = await answerTo(endpoint, ({ stream }) =>
      stream().chunk({ content: "Hi" }).chunk({}, "stop").event({ choices: [], usage }).event("[DONE]").end(),
    );
    expect(answer.usage).toEqual({ input: 100, output: 20, cached: 64, reasoning: 12 });
  });

  test("may carry reasoning in any of its fields, which is never part of the answer", async () => {
    const { text } = await answerTo(endpoint, ({ stream }) =>
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

  test("may leave out [DONE], or finish_reason, or the last blank line", async () => {
    const whole = chunk("Hello");
    for (const end of [
      'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
      "data: [DONE]\n\n",
      "data: [DONE]",
    ]) {
      expect((await answerTo(endpoint, ({ stream }) => stream().end(whole + end))).text).toBe("Hello");
    }
  });

  test("need not be closed after its end", async () => {
    const { text, total_ms } = await answerTo(endpoint, ({ stream }) => stream().write(chunk("Hello") + END));
    expect(text).toBe("Hello");
    expect(total_ms).toBeLessThan(2_000);
  });

  test("is an answer if it breaks only after the finish mark", async () => {
    const { text } = await answerTo(endpoint, ({ stream }) =>
      stream().chunk({ content: "Hello" }).chunk({}, "stop").cut(),
    );
    expect(text).toBe("Hello");
  });

  test("is an answer whatever comes after the finish mark", async () => {
    const { text } = await answerTo(endpoint, ({ stream }) =>
      stream().chunk({ content: "Hello" }).chunk({}, "stop").write("data: <!-- bye -->\n\n").end(),
    );
    expect(text).toBe("Hello");
  });

  test("gives a refusal's words as the answer", async () => {
    const { text } = await answerTo(endpoint, ({ stream }) =>
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

  test("answers with a whole completion", async () => {
    const message = { role: "assistant", content: "<think>hm</think>Hello", reasoning_content: "hm" };
    const answer = await answerTo(
      endpoint,
      whole({ choices: [{ message, finish_reason: "length" }], usage: { prompt_tokens: 3 } }),
    );
    expect(answer).toMatchObject({ text: "Hello", finish: "length", usage: { input: 3, output: null } });
  });

  test("answers with a whole Anthropic message", async () => {
    const content = [
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "Hello" },
    ];
    const usage = { input_tokens: 3, output_tokens: 9 };
    const answer = await answerTo(
      endpoint,
      whole({ type: "message", content, stop_reason: "max_tokens", usage }),
      {
        api_mode: "anthropic_messages",
      },
    );
    expect(answer).toMatchObject({ text: "Hello", finish: "length", usage: { input: 3, output: 9 } });
  });

  test("answers with a whole response", async () => {
    const output = [
      { type: "reasoning", summary: [] },
      { type: "message", content: [{ type: "output_text", text: "Hello" }] },
    ];
    const answer = await answerTo(endpoint, whole({ status: "completed", error: null, output }), {
      api_mode: "responses",
    });
    expect(answer.text).toBe("Hello");
  });

  test("answers 200 with an error inside", async () => {
    endpoint.script(whole({ error: { code: 503, message: "no provider" } }));
    expect(await ask(bundleOf(endpoint.url))).toMatchObject({ ok: false, error: { reason: "unavailable" } });
  });
});
