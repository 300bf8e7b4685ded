import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { say, turn } from "./support/chat.ts";
import { secretsInLog, secretsSent } from "./support/leaks.ts";
import { startWorld, type World } from "./support/world.ts";

/** One person for each way of asking; the routes tell them apart. */
const CHAT = { id: 9101 };
const RESPONSES = { id: 9102 };
const MESSAGES = { id: 9103 };
const TUNED = { chat: { id: 9111 }, responses: { id: 9112 }, messages: { id: 9113 } };
const OPENAI = { id: 9121 };
const ANTHROPIC = { id: 9122 };
const THINKING = { id: 9131 };
const BINDING = { id: 9132 };

const SECRETS = {
  CHAT_KEY: "sk-chat-0123456789abcdef",
  RESPONSES_KEY: "sk-responses-0123456789abcdef",
  MESSAGES_KEY: "sk-messages-0123456789abcdef",
  GATEWAY_TOKEN: "token-of-the-ai-gateway-4711",
};
const SYSTEM = "You are Talaria.";
const LENGTH_NOTE = "(The answer was cut at the model's length limit.)";

let world: World;
let raw: RawEndpoint;
beforeAll(async () => {
  raw = await startRawEndpoint();
  const routes = (url: (name: string) => string) => {
    const responses = `base_url: ${url("responses")}, api_key: "\${RESPONSES_KEY}", api_mode: responses`;
    const messages = `base_url: ${url("messages")}, api_key: "\${MESSAGES_KEY}", api_mode: anthropic_messages`;
    const tuning = "temperature: 0.2, top_p: 0.9, max_tokens: 300, reasoning_effort: low, verbosity: low";
    return `
system_prompt: ${SYSTEM}
model:
  default: chat-model
  provider: custom
  base_url: ${url("chat")}
  api_key: \${CHAT_KEY}
  headers: { cf-aig-authorization: "Bearer \${GATEWAY_TOKEN}", x-team: olympus }
  routes:
    - { match: { user_id: "${RESPONSES.id}" }, model: responses-model, ${responses} }
    - { match: { user_id: "${MESSAGES.id}" }, model: messages-model, ${messages} }
    - { match: { user_id: "${TUNED.chat.id}" }, model: tuned, ${tuning} }
    - { match: { user_id: "${TUNED.responses.id}" }, model: tuned, ${responses}, ${tuning} }
    - { match: { user_id: "${TUNED.messages.id}" }, model: tuned, ${messages}, max_tokens: 300, reasoning_effort: low }
    - { match: { user_id: "${OPENAI.id}" }, model: tuned, provider: openai, base_url: "${url("chat")}", max_tokens: 300 }
    - match: { user_id: "${ANTHROPIC.id}" }
      model: native
      provider: anthropic
      base_url: ${url("messages")}
      api_key: \${MESSAGES_KEY}
    - { match: { user_id: "${THINKING.id}" }, model: thinker, base_url: "${raw.url}", api_key: "\${CHAT_KEY}" }
    - { match: { user_id: "${BINDING.id}" }, model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast", provider: workers-ai }
access: { strangers: answer }
`;
  };
  world = await startWorld({ endpoints: ["chat", "responses", "messages"], routes, env: SECRETS });
});
afterAll(async () => {
  await world?.stop();
  await raw?.stop();
});
beforeEach(() => {
  for (const endpoint of Object.values(world.endpoints)) {
    endpoint.clear();
    endpoint.answer(({ model, text }) => `${model} heard: ${text}`);
  }
});

const last = (name: string) => world.endpoint(name).requests().at(-1);

const TWO_TURNS = (model: string) => [
  { role: "user", content: "first" },
  { role: "assistant", content: `${model} heard: first` },
  { role: "user", content: "second" },
];

test("chat completions: address, bearer key, system prompt, history, and nothing that no route sets", async () => {
  await say(world, CHAT, "first");
  expect(await say(world, CHAT, "second")).toBe("chat-model heard: second");
  expect(last("chat")).toMatchObject({ method: "POST", path: "/v1/chat/completions" });
  expect(last("chat")?.headers.authorization).toBe(`Bearer ${SECRETS.CHAT_KEY}`);
  expect(last("chat")?.body).toEqual({
    model: "chat-model",
    messages: [{ role: "system", content: SYSTEM }, ...TWO_TURNS("chat-model")],
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("responses: the same conversation as its own API has it, kept by nobody", async () => {
  await say(world, RESPONSES, "first");
  expect(await say(world, RESPONSES, "second")).toBe("responses-model heard: second");
  expect(last("responses")).toMatchObject({ method: "POST", path: "/v1/responses" });
  expect(last("responses")?.headers.authorization).toBe(`Bearer ${SECRETS.RESPONSES_KEY}`);
  expect(last("responses")?.body).toEqual({
    model: "responses-model",
    instructions: SYSTEM,
    input: TWO_TURNS("responses-model"),
    stream: true,
    store: false,
  });
});

test("anthropic_messages: x-api-key, the current version, the system prompt apart, what stays marked for its cache", async () => {
  const marked = (text: string) => [{ type: "text", text, cache_control: { type: "ephemeral" } }];
  await say(world, MESSAGES, "first");
  expect(await say(world, MESSAGES, "second")).toBe("messages-model heard: second");
  expect(last("messages")).toMatchObject({ method: "POST", path: "/v1/messages" });
  expect(last("messages")?.headers).toMatchObject({
    "x-api-key": SECRETS.MESSAGES_KEY,
    "anthropic-version": "2026-10-21",
  });
  expect(last("messages")?.headers).not.toHaveProperty("authorization");
  expect(last("messages")?.body).toEqual({
    model: "messages-model",
    system: marked(SYSTEM),
    messages: TWO_TURNS("messages-model").map((turn, index) =>
      index === 1 ? { ...turn, content: marked(turn.content) } : turn,
    ),
    stream: true,
    max_tokens: expect.any(Number),
  });
});

test("providers name their api mode, and openai its own name for the longest answer", async () => {
  expect(await say(world, ANTHROPIC, "hi")).toBe("native heard: hi");
  expect(last("messages")).toMatchObject({ path: "/v1/messages", key: SECRETS.MESSAGES_KEY });
  expect(await say(world, OPENAI, "hi")).toBe("tuned heard: hi");
  expect(last("chat")?.body).toMatchObject({ max_completion_tokens: 300 });
  expect(last("chat")?.body).not.toHaveProperty("max_tokens");
});

test("a route's headers hold secrets by name and go to its endpoint only", async () => {
  for (const person of [CHAT, RESPONSES, MESSAGES]) await say(world, person, "hi");
  expect(last("chat")?.headers).toMatchObject({
    "cf-aig-authorization": `Bearer ${SECRETS.GATEWAY_TOKEN}`,
    "x-team": "olympus",
  });
  for (const name of ["responses", "messages"]) {
    expect(last(name)?.headers).not.toHaveProperty("cf-aig-authorization");
    expect(last(name)?.headers).not.toHaveProperty("x-team");
  }
});

test("sampling parameters are sent where a route sets them, by each API's names", async () => {
  for (const person of Object.values(TUNED)) expect(await say(world, person, "hi")).toBe("tuned heard: hi");
  expect(last("chat")?.body).toMatchObject({
    temperature: 0.2,
    top_p: 0.9,
    max_tokens: 300,
    reasoning_effort: "low",
    verbosity: "low",
  });
  const { body: responses = {} } = last("responses") ?? {};
  expect(responses).toMatchObject({
    temperature: 0.2,
    top_p: 0.9,
    max_output_tokens: 300,
    reasoning: { effort: "low" },
    text: { verbosity: "low" },
  });
  for (const name of ["max_tokens", "reasoning_effort", "verbosity"])
    expect(responses).not.toHaveProperty(name);
  expect(last("messages")?.body).toMatchObject({ max_tokens: 300, output_config: { effort: "low" } });
});

test.each([
  ["chat", CHAT],
  ["responses", RESPONSES],
  ["messages", MESSAGES],
] as const)("%s: reasoning stays out of the chat, and of what later turns send", async (name, person) => {
  world.endpoint(name).answer({ text: "Forty-two.", reasoning: "They want the secret number." });
  expect(await say(world, person, "the number?")).toBe("Forty-two.");
  await say(world, person, "sure?");
  expect(JSON.stringify(last(name)?.body)).toContain("Forty-two.");
  expect(JSON.stringify(last(name)?.body)).not.toContain("secret number");
});

test("<think> in pieces, reasoning_content and reasoning stay out of the chat", async () => {
  raw.script((exchange) => {
    exchange.stream().write(": OPENROUTER PROCESSING\n\n").chunk({ role: "assistant", content: "" });
    exchange.chunk({ reasoning_content: "Hidden one." }).chunk({ reasoning: "Hidden two." });
    for (const content of ["<thi", "nk>Hidden", " three.</th", "ink>\n\nHere", " it is: <think> is a tag."])
      exchange.chunk({ content });
    exchange.chunk({}, "stop").event({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } });
    exchange.event("[DONE]").end();
  });
  const { said, log } = await turn(world, THINKING, "think");
  expect(said).toBe("Here it is: <think> is a tag.");
  expect(log).toMatchObject({ outcome: "ok", tokens_in: 5, tokens_out: 2 });
  expect(world.gateway.output.join("\n")).not.toContain("Hidden");
});

test.each([
  ["chat", CHAT],
  ["responses", RESPONSES],
  ["messages", MESSAGES],
] as const)("%s: an answer at the length limit says so", async (name, person) => {
  world.endpoint(name).answer({ text: "It was a dark and", finish: "length" });
  expect(await say(world, person, "a story")).toBe(`It was a dark and\n\n${LENGTH_NOTE}`);
  // The note is for the user; the model is not told that it said it.
  await say(world, person, "go on");
  expect(JSON.stringify(last(name)?.body)).not.toContain("length limit");
});

test("an answer that the provider's filter ended says so", async () => {
  world.endpoint("chat").answer({ text: "First you", finish: "content_filter" });
  expect(await say(world, CHAT, "how?")).toMatch(/^First you\n\n\(The model's provider held back the rest/);
});

test("workers-ai without its binding: one clear line, and a log line that names the binding", async () => {
  const { said, log } = await turn(world, BINDING, "hello");
  expect(said).toBe("This chat's model is not set up correctly. Please tell whoever runs this bot.");
  expect(log).toMatchObject({ level: "error", outcome: "bad_config", provider: "workers-ai" });
  expect(log.detail).toContain('binding = "AI"');
});

test("an endpoint gets its own secrets only, and none is in what the gateway writes", async () => {
  for (const person of [CHAT, RESPONSES, MESSAGES]) await say(world, person, "hi");
  const sent = (name: string) => secretsSent(world.endpoint(name).requests(), world);
  expect(sent("chat")).toEqual(["CHAT_KEY", "GATEWAY_TOKEN"]);
  expect(sent("responses")).toEqual(["RESPONSES_KEY"]);
  expect(sent("messages")).toEqual(["MESSAGES_KEY"]);
  world.endpoint("chat").failNext(1, 401);
  const { said } = await turn(world, CHAT, "hello");
  expect(said).toMatch(/did not accept this bot's key/);
  expect(secretsInLog(world)).toEqual([]);
});
