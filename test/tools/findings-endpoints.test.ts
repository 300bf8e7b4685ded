import { describe, expect, test } from "vitest";
import { loadText } from "../../tools/routes/load.ts";
import { check } from "./findings.ts";

/** The Worker's own words, when it is a secret that holds such a URL. */
const CLEAR = "base_url is http, which only a loopback address may be";
const USERINFO = "base_url contains a user name or password";

describe("endpoints and keys", () => {
  const url = (text: string): string[] =>
    check(`model: { default: m, base_url: "${text}", api_key: "\${K}" }`);

  test.each([
    ["http://llm.example/v1", CLEAR],
    ["http://${HOST}/v1", CLEAR],
    ["http://127.0.0.1.evil.example/v1", CLEAR],
    ["http://192.168.1.2/v1", CLEAR],
    ["ftp://llm.example", "base_url is neither https nor http"],
    ["llm.example/v1", "base_url is not a URL"],
    ["https://user:hunter2@llm.example/v1", USERINFO],
    ["http://user@localhost/v1", USERINFO],
    ["https://${NAME}:${PASSWORD}@llm.example/v1", USERINFO],
    ["https://llm.example/v1?key=hunter2", "base_url must not have a query or a fragment"],
    ["https://${HO ST}/v1", "base_url has a ${…} that is not a secret's name"],
  ])("%s is an error", (text, message) => {
    expect(url(text)).toEqual([`1:32 error ${message}`]);
  });

  test.each([
    "https://llm.example/v1",
    "http://localhost:11434/v1",
    "http://127.0.0.1:${PORT}/v1",
    "http://[::1]:8080/v1",
    "https://${HOST}/v1",
    "https://gateway.example/v1/${ACCOUNT}/openai",
    "${LLM_URL}",
    "${LLM_URL}/v1",
  ])("%s is fine", (text) => {
    expect(url(text)).toEqual([]);
  });

  test("is checked wherever there is one", () => {
    const bad = "base_url: http://llm.example/v1, api_key: '${X}'";
    const yaml = `model:
  default: m
  base_url: http://llm.example/v1
  fallbacks:
    - { model: f, ${bad} }
  routes:
    - { match: { platform: telegram }, ${bad} }
    - match: { platform: discord }
      fallbacks: [{ model: f, ${bad} }]
  platforms: { hub: { ${bad} } }
  by_source: { cron: { ${bad} } }
models: { x: { model: y, ${bad} } }
`;
    const found = check(yaml).map((line) => line.split(" error "));
    expect(found).toEqual(
      ["3:13", "5:29", "7:50", "9:41", "10:33", "11:34", "12:36"].map((place) => [place, CLEAR]),
    );
  });

  test("the path of a mode does not belong to it, Anthropic's version does", () => {
    expect(url("https://llm.example/v1/chat/completions")).toEqual([
      "1:32 warning base_url is where the endpoint begins: the path of the api_mode is added to it",
    ]);
    expect(
      check(
        "model: { default: m, base_url: https://a.example, api_key: ${K}, api_mode: anthropic_messages }",
      ),
    ).toEqual(["1:32 warning requests go to {base_url}/messages, so base_url usually ends in /v1"]);
  });

  test("literal credentials are warned about, and never repeated", () => {
    const found = check(
      "model: { default: m, base_url: https://b.example/v1, api_key: sk-hunter2hunter2, headers: { Authorization: Bearer hunter2, X-Title: Talaria } }",
    );
    expect(found).toEqual([
      "1:63 warning a literal api_key would be bundled into the Worker; write ${NAME} and set that secret",
      "1:108 warning a literal Authorization would be bundled into the Worker; write ${NAME} and set that secret",
    ]);
    expect(found.join()).not.toContain("hunter2");
  });

  test("a broken ${…} is an error", () => {
    expect(check("model: { default: m, provider: echo, api_key: '${A-B}' }")).toEqual([
      "1:47 error a ${…} here is not closed, or its name has other characters than letters, digits and _",
    ]);
  });

  test("a fallback elsewhere needs its own key", () => {
    const yaml = `model:
  default: m
  base_url: https://b.example/v1
  api_key: \${K}
  fallbacks:
    - model: near
    - { model: far, base_url: https://f.example/v1 }
    - { model: own, base_url: https://f.example/v1, api_key: "\${F}" }
    - { model: said, provider: echo }
`;
    expect(check(yaml)).toEqual([
      "7:31 warning this fallback goes to f.example without a key: it needs its own api_key",
    ]);
    expect(check(yaml.replace("model: near", "seed: 1"))).toEqual(["6:7 error model is missing"]);
    const { compiled } = loadText(yaml, "f");
    expect(compiled?.base_fallbacks?.map(({ model, api_key }) => [model, api_key])).toEqual([
      ["near", "${K}"],
      ["far", null],
      ["own", "${F}"],
      ["said", null],
    ]);
  });
});
