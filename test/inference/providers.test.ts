import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { ApiMode } from "../../src/routing/providers.ts";
import { KEY } from "../support/faults/fault.ts";
import { type InferenceDouble, startInference } from "../support/inference.ts";
import { ask, bundleOf, envOf, QUESTION } from "./setup.ts";

let endpoint: InferenceDouble;
beforeAll(async () => {
  endpoint = await startInference();
});
afterAll(() => endpoint.stop());
beforeEach(() => {
  endpoint.clear();
  endpoint.answer({ text: "It is a secret.", reasoning: "They want the word." });
});

const only = () => {
  expect(endpoint.requests()).toHaveLength(1);
  const [request] = endpoint.requests();
  if (request === undefined) throw new Error("no request");
  return request;
};

describe("every api mode is asked for a stream of the routed model, and answers with its text", () => {
  test.each([
    {
      api_mode: "chat_completions",
      path: "/v1/chat/completions",
      header: "authorization",
      value: `Bearer ${KEY}`,
    },
    { api_mode: "responses", path: "/v1/responses", header: "authorization", value: `Bearer ${KEY}` },
    { api_mode: "anthropic_messages", path: "/v1/messages", header: "x-api-key", value: KEY },
  ] as const)("$api_mode", async ({ api_mode, path, header, value }) => {
    const shown: string[] = [];
    const live = (text: string) => void shown.push(text);

    const result = await ask(bundleOf(endpoint.url, { api_mode }), { live });

    expect(result).toMatchObject({ ok: true, value: { text: "It is a secret.", finish: "stop", tries: 1 } });
    expect(shown.at(-1)).toBe("It is a secret.");
    // All of it so far, every time.
    expect(shown.every((text) => text !== "" && "It is a secret.".startsWith(text))).toBe(true);
    const request = only();
    expect(request).toMatchObject({ method: "POST", path, model: "claude-opus-5" });
    expect(request.body.stream).toBe(true);
    expect(request.headers[header]).toBe(value);
    expect(request.headers["user-agent"]).toContain("talaria");
  });

  test("sends the system prompt where each mode wants it", async () => {
    const [system, user] = QUESTION;
    await ask(bundleOf(endpoint.url));
    await ask(bundleOf(endpoint.url, { api_mode: "responses" }));
    await ask(bundleOf(endpoint.url, { api_mode: "anthropic_messages" }));

    const [chat, responses, anthropic] = endpoint.requests();
    expect(chat?.body.messages).toEqual([system, user]);
    expect(responses?.body).toMatchObject({ instructions: system?.content, input: [user] });
    expect(anthropic?.body).toMatchObject({
      system: [{ type: "text", text: system?.content }],
      messages: [user],
    });
  });

  test("marks for Anthropic's cache what stays as it is: the system prompt, and all that was said before", async () => {
    const marked = (text: string) => [{ type: "text", text, cache_control: { type: "ephemeral" } }];
    const said = [
      { role: "user", content: "My name is Ann." },
      { role: "assistant", content: "Hello Ann." },
      { role: "user", content: "What is my name?" },
    ] as const;
    const messages = [...QUESTION.slice(0, 1), ...said];
    await ask(bundleOf(endpoint.url, { api_mode: "anthropic_messages" }), { messages });
    expect(only().body.system).toEqual(marked("You are brief."));
    expect(only().messages).toEqual([said[0], { ...said[1], content: marked("Hello Ann.") }, said[2]]);
    endpoint.clear();
    await ask(bundleOf(endpoint.url, { api_mode: "anthropic_messages" }), { messages: said.slice(2) });
    expect(JSON.stringify(only().body)).not.toContain("cache_control");
  });

  test("gives Anthropic a conversation that begins with the user, and the newest version", async () => {
    const messages = [{ role: "assistant", content: "Hello!" } as const, ...QUESTION.slice(1)];
    await ask(bundleOf(endpoint.url, { api_mode: "anthropic_messages" }), { messages });
    expect(only().messages.map(({ role }) => role)).toEqual(["user"]);
    expect(only().headers["anthropic-version"]).toBe("2026-10-21");
    expect(only().body.max_tokens).toBeGreaterThan(0);
  });
});

describe("a picture", () => {
  const images = [{ mime: "image/png", base64: "iVBORw0KGgo=" }];
  const url = "data:image/png;base64,iVBORw0KGgo=";
  const contentOf = async (api_mode: ApiMode, content: string) => {
    endpoint.clear();
    await ask(bundleOf(endpoint.url, { api_mode }), { messages: [{ role: "user", content, images }] });
    return only().messages[0]?.content;
  };

  test("is a part of the message, beside its caption, as each mode has it", async () => {
    expect(await contentOf("chat_completions", "What is this?")).toEqual([
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url } },
    ]);
    expect(await contentOf("responses", "What is this?")).toEqual([
      { type: "input_text", text: "What is this?" },
      { type: "input_image", image_url: url },
    ]);
    expect(await contentOf("anthropic_messages", "What is this?")).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
      { type: "text", text: "What is this?" },
    ]);
  });

  test.each(["chat_completions", "responses", "anthropic_messages"] as const)(
    "needs no caption: %s gets no empty text",
    async (api_mode) => {
      expect(await contentOf(api_mode, "")).toHaveLength(1);
    },
  );
});

describe("tokens, as the endpoint counted them", () => {
  test("of chat completions", async () => {
    endpoint.answer({ text: "Yes.", usage: { prompt_tokens: 31, completion_tokens: 7 } });
    expect(await ask(bundleOf(endpoint.url))).toMatchObject({
      value: { usage: { input: 31, output: 7 } },
    });
  });

  test.each(["responses", "anthropic_messages"] as const)("of %s", async (api_mode) => {
    endpoint.answer({ text: "Yes.", usage: { input_tokens: 31, output_tokens: 7 } });
    expect(await ask(bundleOf(endpoint.url, { api_mode }))).toMatchObject({
      value: { usage: { input: 31, output: 7 } },
    });
  });
});

describe("an answer that is not whole says so, in every api mode", () => {
  test.each([
    ["chat_completions", "length"],
    ["chat_completions", "content_filter"],
    ["responses", "length"],
    ["anthropic_messages", "length"],
  ] as const)("%s: %s", async (api_mode, finish) => {
    endpoint.answer({ text: "It is", finish });
    expect(await ask(bundleOf(endpoint.url, { api_mode }))).toMatchObject({
      ok: true,
      value: { text: "It is", finish },
    });
  });
});

describe("sampling parameters", () => {
  const params = { temperature: 0.2, max_tokens: 500, reasoning_effort: "low" };

  test("are not sent unless the route sets them", async () => {
    await ask(bundleOf(endpoint.url));
    expect(Object.keys(only().body).sort()).toEqual(["messages", "model", "stream", "stream_options"]);
  });

  test("are passed on to an endpoint of chat completions as they are", async () => {
    await ask(bundleOf(endpoint.url, { params }));
    expect(only().body).toMatchObject(params);
  });

  test("say max_completion_tokens to OpenAI itself", async () => {
    await ask(bundleOf(endpoint.url, { provider: "openai", params }));
    expect(only().body).toMatchObject({ max_completion_tokens: 500 });
    expect(only().body).not.toHaveProperty("max_tokens");
  });

  test("take the Responses API's names", async () => {
    await ask(bundleOf(endpoint.url, { api_mode: "responses", params: { ...params, verbosity: "low" } }));
    expect(only().body).toMatchObject({
      temperature: 0.2,
      max_output_tokens: 500,
      reasoning: { effort: "low" },
      text: { verbosity: "low" },
      store: false,
    });
    for (const name of ["max_tokens", "reasoning_effort", "verbosity"])
      expect(only().body).not.toHaveProperty(name);
  });

  test("leave out what Anthropic's newest version refuses, and what its API never had", async () => {
    const foreign = {
      top_p: 0.9,
      top_k: 40,
      seed: 7,
      presence_penalty: 1,
      frequency_penalty: 1,
      verbosity: "low",
    };
    await ask(bundleOf(endpoint.url, { api_mode: "anthropic_messages", params: { ...params, ...foreign } }));
    expect(only().body).toMatchObject({ max_tokens: 500, output_config: { effort: "low" } });
    expect(Object.keys(only().body).sort()).toEqual([
      "max_tokens",
      "messages",
      "model",
      "output_config",
      "stream",
      "system",
    ]);
  });
});

describe("address, key and headers", () => {
  test("takes a base_url with a slash at its end, and keeps its query", async () => {
    await ask(bundleOf(`${endpoint.url}/?api-version=2026-01-01`));
    expect(only().path).toBe("/v1/chat/completions?api-version=2026-01-01");
  });

  test("sends no key where the route has none", async () => {
    await ask(bundleOf(endpoint.url, { api_key: null }));
    await ask(bundleOf(endpoint.url, { api_key: null, api_mode: "anthropic_messages" }));
    for (const { headers } of endpoint.requests()) {
      expect(headers).not.toHaveProperty("authorization");
      expect(headers).not.toHaveProperty("x-api-key");
    }
  });

  test("resolves ${NAME} in the address and in the route's own headers, as AI Gateway needs it", async () => {
    const bundle = bundleOf("${GATEWAY_URL}", {
      headers: { "cf-aig-authorization": "Bearer ${GATEWAY_TOKEN}" },
    });
    const env = envOf({ OWNER_KEY: KEY, GATEWAY_URL: endpoint.url, GATEWAY_TOKEN: "gateway-token" });
    expect(await ask(bundle, { env })).toMatchObject({ ok: true });
    expect(only().headers["cf-aig-authorization"]).toBe("Bearer gateway-token");
    expect(only().key).toBe(KEY);
  });

  test("calls nobody while a secret is missing, and says which", async () => {
    const bundle = bundleOf(endpoint.url, { headers: { "cf-aig-authorization": "${GATEWAY_TOKEN}" } });
    expect(await ask(bundle, { env: envOf({}) })).toMatchObject({
      ok: false,
      error: {
        reason: "missing_secret",
        detail: "not set: OWNER_KEY, GATEWAY_TOKEN",
        tries: 0,
        partial: false,
      },
    });
    expect(endpoint.requests()).toHaveLength(0);
  });

  test.each([
    ["no address", null],
    ["no URL", "llm.example/v1"],
    ["http to another host", "http://llm.example/v1"],
    ["a user name in the address", "https://me:secret@llm.example/v1"],
    ["another protocol", "ftp://llm.example/v1"],
  ])("calls nobody with %s", async (_, base_url) => {
    const result = await ask(bundleOf(base_url));
    expect(result).toMatchObject({ ok: false, error: { reason: "bad_config", tries: 0 } });
    expect(JSON.stringify(result)).not.toContain("secret@");
  });

  test.each([
    ["two lines", "two\nlines-0123456789"],
    ["a curly quote", "\u201cpasted-0123456789\u201d"],
    ["an umlaut", "sch\u00f6n-0123456789"],
    ["a tab", "two\twords-0123456789"],
  ])("a key that is not all printable ASCII (%s) is sent nowhere and repeated nowhere", async (_, key) => {
    const seen = vi.spyOn(console, "warn");
    const env = envOf({ OWNER_KEY: key });
    const secret = /0123456789/;
    for (const bundle of [
      bundleOf(endpoint.url),
      bundleOf(endpoint.url, { api_mode: "anthropic_messages" }),
      bundleOf(endpoint.url, { api_key: null, headers: { "cf-aig-authorization": "Bearer ${OWNER_KEY}" } }),
    ]) {
      const result = await ask(bundle, { env });
      expect(result).toMatchObject({
        ok: false,
        error: {
          reason: "bad_config",
          tries: 0,
          detail: expect.stringMatching(/^the value of header \S+ is not/),
        },
      });
      expect(JSON.stringify(result)).not.toMatch(secret);
    }
    expect(JSON.stringify(seen.mock.calls)).not.toMatch(secret);
    expect(endpoint.requests()).toHaveLength(0);
    seen.mockRestore();
  });

  test("a header that cannot be one is a mistake in the routes, not a lost connection", async () => {
    const bundle = bundleOf(endpoint.url, { headers: { "x team": "blue" } });
    expect(await ask(bundle)).toMatchObject({ ok: false, error: { reason: "bad_config", tries: 0 } });
  });

  test("a key that was piped in with its line break is the key without it", async () => {
    await ask(bundleOf(endpoint.url), { env: envOf({ OWNER_KEY: `${KEY}\n` }) });
    expect(only().key).toBe(KEY);
  });
});

describe("echo", () => {
  test("answers inside the Worker with the model and the last user message", async () => {
    const bundle = bundleOf(null, { provider: "echo", model: "claude-haiku-4-5", api_key: null });
    expect(await ask(bundle, { env: envOf({}) })).toMatchObject({
      ok: true,
      value: { text: "[claude-haiku-4-5] What is the private word?", finish: "stop" },
    });
  });
});
