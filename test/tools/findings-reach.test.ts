import { describe, expect, test } from "vitest";
import { check, MODEL, routes } from "./findings.ts";

const REAL = "https://b.example/v1";

describe("what is valid and answers nobody, or with nothing", () => {
  test.each<[string, string, string[]]>([
    [
      "the demo's models at a real endpoint",
      routes("    - match: { platform: hub }", "      model: echo-peers"),
      ['6:7 warning "echo-peers" is a model of the demo: b.example has none'],
    ],
    [
      "a short name for a model of the demo, at a real endpoint",
      `${MODEL}models: { small: echo-small }`,
      ['2:11 warning "echo-small" is a model of the demo: b.example has none'],
    ],
    [
      "a public host without a key",
      `model: { default: m, base_url: ${REAL} }`,
      ["1:1 warning no api_key: b.example is asked without one"],
    ],
    [
      "a provider without a key",
      "model: { default: m, provider: openai }",
      ["1:1 warning no api_key: api.openai.com is asked without one; write api_key: ${OPENAI_API_KEY}"],
    ],
    [
      "a base_url without its version",
      "model: { default: m, base_url: https://b.example, api_key: ${K} }",
      ["1:32 warning the path of the api_mode is added to base_url, which usually ends in /v1"],
    ],
    [
      "a base_url with the path of its api_mode",
      "model: { default: m, base_url: https://b.example/v1/chat/completions, api_key: ${K} }",
      ["1:32 warning base_url is where the endpoint begins: the path of the api_mode is added to it"],
    ],
    [
      "a model that Workers AI no longer has",
      "model: { default: '@cf/meta/llama-3.1-8b-instruct', provider: workers-ai }",
      [
        "1:1 warning Workers AI no longer has @cf/meta/llama-3.1-8b-instruct; it recommends @cf/zai-org/glm-4.7-flash",
      ],
    ],
    [
      "a route for strangers, who are ignored",
      routes("    - match: { source_kind: stranger }", "      model: x"),
      ["6:7 warning never taken: access ignores every stranger (strangers: ignore)"],
    ],
    [
      "a route for peers, who are ignored",
      `${routes("    - match: { source_kind: hub_peer }", "      model: x")}\naccess: { hub_peers: ignore }`,
      ["6:7 warning never taken: access ignores every hub_peer (hub_peers: ignore)"],
    ],
    [
      "a route for guests, where none are answered",
      routes("    - match: { chat_type: guest }", "      model: x"),
      ["6:7 warning never taken: access answers no guests (guests: ignore)"],
    ],
    [
      "a name where there are only ids",
      routes("    - match: { platform: telegram, user_id: '@ann' }", "      model: x"),
      ['6:45 warning "@ann" matches nobody: telegram identifies people by number'],
    ],
    [
      "a name on any platform",
      routes("    - match: { user_id: '@ann' }", "      model: x"),
      ['6:25 warning "@ann" matches nobody: telegram and discord identify people by number'],
    ],
    [
      "a key that a platform's messages never have",
      routes("    - match: { platform: telegram, guild_id: '7' }", "      model: x"),
      ["6:36 warning never taken: a message on telegram has no guild_id"],
    ],
  ])("%s", (_, text, findings) => {
    expect(check(text)).toEqual(findings);
  });

  test.each<[string, string]>([
    ["echo itself", "model: { default: echo-base, provider: echo }"],
    [
      "an endpoint on this machine without a key",
      "model: { default: m, base_url: http://localhost:11434/v1 }",
    ],
    [
      "a key in a header of its own",
      `model: { default: m, base_url: ${REAL}, headers: { x-api-key: "\${K}" } }`,
    ],
    ["another model of the same endpoint", routes("    - match: { platform: hub }", "      model: x")],
    [
      "a route for strangers and owners",
      routes("    - match: { source_kind: [owner, stranger] }", "      model: x"),
    ],
    [
      "a route for strangers, who are answered",
      `${routes("    - match: { source_kind: stranger }", "      model: x")}\naccess: { strangers: answer }`,
    ],
    ["a peer's name", routes("    - match: { platform: hub, user_id: brain }", "      model: x")],
    ["a guild on Discord", routes("    - match: { platform: discord, guild_id: '7' }", "      model: x")],
  ])("but not %s", (_, text) => {
    expect(check(text)).toEqual([]);
  });

  test("the model block is in order without owners: a gateway may serve peers alone", () => {
    expect(check(MODEL)).toEqual([]);
  });
});
