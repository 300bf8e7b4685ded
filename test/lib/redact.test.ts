import { describe, expect, test } from "vitest";
import { variable } from "../../src/env.ts";
import { redact } from "../../src/lib/redact.ts";

const BOT = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-";

describe("redact", () => {
  test.each([
    ["a Telegram method URL", `https://api.telegram.org/bot${BOT}/sendMessage`, "AAHdqTcv"],
    ["a Telegram file URL", `https://api.telegram.org/file/bot${BOT}/photos/1.jpg`, "AAHdqTcv"],
    ["a bare bot token", `token ${BOT}`, "AAHdqTcv"],
    [
      "an interaction token in a path",
      "/webhooks/1417636184355766305/aW50ZXJhY3Rpb246MTIzNDU2Nzg5/messages",
      "aW50",
    ],
    ["a Discord bot token", `MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.${"x".repeat(28)}`, "Cl2FMQ"],
    ["an authorization header", "authorization: Bearer abcdef0123456789", "abcdef0123456789"],
    ["a bot authorization header", "Authorization: Bot abcdef0123456789", "abcdef0123456789"],
    ["a key header", "x-api-key: abcdef0123456789", "abcdef0123456789"],
    ["an OpenAI key", "Incorrect API key provided: sk-proj-abcdefghijkl", "abcdefghijkl"],
    ["an Anthropic key", "sk-ant-api03-abcdefghijkl", "abcdefghijkl"],
    ["a Google key", "AIzaSyA1234567890abcdefgh", "1234567890"],
    ["a JSON field", '{"api_key":"very private"}', "very private"],
    [
      "a JSON field inside a JSON string",
      JSON.stringify(JSON.stringify({ token: "very-private" })),
      "very-private",
    ],
    ["a query parameter", "https://hub.example/callback?token=very-private&x=1", "very-private"],
    ["an environment line", "HUB_AGENT_SECRET=very-private", "very-private"],
    ["user information in a URL", "https://user:very-private@llm.example/v1", "very-private"],
    ["a JSON Web Token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "c2lnbmF0dXJl"],
    ["a private key", "-----BEGIN PRIVATE KEY-----\nMIIveryprivate\n-----END PRIVATE KEY-----", "MIIvery"],
    ["a Standard Webhooks secret", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "C2FVsBQI"],
  ])("hides %s", (_, text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });

  test("leaves an ordinary log line as it is", () => {
    const line = JSON.stringify({
      level: "info",
      event: "turn",
      session: "agent:main:telegram:dm:42",
      chat: "-1001234567890:17",
      model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
      host: "llm.example",
      outcome: "missing_secret",
      detail: "not set: OWNER_KEY",
      api_key: "${OWNER_KEY}",
      tokens_in: 1234,
      first_token_ms: 250,
      url: "https://llm.example/v1/chat/completions",
    });
    expect(redact(line)).toBe(line);
  });

  test("changes nothing that it has already cleaned", () => {
    const once = redact(`{"api_key":"very private"} Bearer abcdef0123456789 ${BOT} ?token=abc`);
    expect(redact(once)).toBe(once);
  });
});

test("what was read as a secret is hidden wherever it stands, whatever it looks like", () => {
  const env = { ODD_PASSWORD: "correct horse", HUB_AGENT_ID: "argus-the-agent", SHORT_KEY: "abc" };
  const line = "argus-the-agent says correct horse, abc";
  expect(redact(line)).toBe(line);
  for (const name of Object.keys(env)) variable(env, name);
  expect(redact(line)).toBe("argus-the-agent says [secret], abc");
});
