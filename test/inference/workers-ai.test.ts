import { describe, expect, test } from "vitest";
import { ask, bundleOf, envOf, QUESTION } from "./setup.ts";

const bundle = bundleOf(null, {
  provider: "workers-ai",
  model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
  api_key: null,
  params: { max_tokens: 300 },
  timeouts: { first_token_ms: 100 },
});

/** The `AI` binding, as far as it is used; it answers with what it is given. */
function binding(result: () => unknown) {
  const calls: unknown[][] = [];
  const run = async (...call: unknown[]) => {
    calls.push(call);
    return result();
  };
  return { calls, env: envOf({ AI: { run } }) };
}

const streamed = (...events: object[]) =>
  new Response(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`, {
    headers: { "content-type": "text/event-stream" },
  });

describe("Workers AI", () => {
  test("is asked through the binding, without a key or an address", async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 };
    const { calls, env } = binding(() => streamed({ response: "Hel" }, { response: "lo", usage }));
    expect(await ask(bundle, { env })).toMatchObject({
      ok: true,
      value: { text: "Hello", finish: "stop", usage: { input: 11, output: 4 } },
    });
    expect(calls).toEqual([
      [
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        { messages: QUESTION, stream: true, max_tokens: 300 },
        { returnRawResponse: true, signal: expect.any(AbortSignal) },
      ],
    ]);
  });

  test("may speak chat completions, as its newer models do", async () => {
    const { env } = binding(() =>
      streamed(
        { choices: [{ delta: { reasoning_content: "hm" } }] },
        { choices: [{ delta: { content: "Hello" } }] },
        { choices: [{ delta: {}, finish_reason: "length" }] },
      ),
    );
    expect(await ask(bundle, { env })).toMatchObject({ value: { text: "Hello", finish: "length" } });
  });

  test("may give a bare stream, or a whole answer", async () => {
    const bare = binding(() => streamed({ response: "Hello" }).body);
    expect(await ask(bundle, { env: bare.env })).toMatchObject({ value: { text: "Hello" } });
    const whole = binding(() => ({ response: "Hello", usage: { prompt_tokens: 2 } }));
    expect(await ask(bundle, { env: whole.env })).toMatchObject({
      value: { text: "Hello", usage: { input: 2 } },
    });
    const wrapped = binding(() => Response.json({ result: { response: "Hello" }, success: true }));
    expect(await ask(bundle, { env: wrapped.env })).toMatchObject({ value: { text: "Hello" } });
  });

  test("needs the binding, and says which is missing and how to add it", async () => {
    expect(await ask(bundle, { env: envOf({}) })).toMatchObject({
      ok: false,
      error: { reason: "bad_config", detail: expect.stringContaining("binding AI"), tries: 0 },
    });
  });

  test.each([
    ["no such model", 400, { code: 5007, message: "No such model @cf/x or task" }, "not_found", 1],
    [
      "the free allocation is used up",
      429,
      { code: 3036, message: "used up your daily free allocation" },
      "payment_required",
      1,
    ],
    ["out of capacity", 429, { code: 3040, message: "No more data centers" }, "rate_limited", 3],
    ["an internal error", 500, { code: 8001, message: "Internal" }, "unavailable", 3],
  ])("fails: %s", async (_, status, error, reason, tries) => {
    const { env } = binding(() => Response.json({ errors: [error], success: false }, { status }));
    expect(await ask(bundle, { env })).toMatchObject({ ok: false, error: { reason, tries } });
  });

  test("fails when the binding does, without its words", async () => {
    const { env } = binding(() => {
      throw new Error("What is the private word?");
    });
    const result = await ask(bundle, { env });
    expect(result).toMatchObject({ ok: false, error: { reason: "unreachable", tries: 3 } });
    expect(JSON.stringify(result)).not.toContain("private");
  });

  test("is not blamed for a request that the runtime would not send", async () => {
    const { env } = binding(() => {
      throw new Error("Too many subrequests by single Worker invocation.");
    });
    expect(await ask(bundle, { env })).toMatchObject({ ok: false, error: { reason: "not_sent", tries: 1 } });
  });

  test("is given up when it does not answer, or stalls, or the caller stops", async () => {
    const silent = binding(() => new Promise(() => {}));
    expect(await ask(bundle, { env: silent.env })).toMatchObject({ error: { reason: "timeout", tries: 1 } });

    const stalled = binding(() => new ReadableStream());
    expect(await ask(bundle, { env: stalled.env })).toMatchObject({ error: { reason: "timeout" } });

    const stop = new AbortController();
    setTimeout(() => stop.abort(), 10);
    expect(await ask(bundle, { env: stalled.env, signal: stop.signal })).toMatchObject({
      error: { reason: "aborted" },
    });
  });
});
