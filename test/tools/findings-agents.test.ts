import { expect, test } from "vitest";
import { check, MODEL } from "./findings.ts";

const block = (fields: string): string[] =>
  check(`model: { default: m, base_url: "https://b.example/v1", api_key: "\${K}", ${fields} }`).map((line) =>
    line.replace(/^\d+:\d+ /, ""),
  );

test("an agent's endpoint, its headers and what it is sent beside are fine", () => {
  expect(
    block(
      'conversation: endpoint, headers: { x-hermes-session-id: "{session}" }, extra_body: { store: true, user: "{platform}:{user_id}", tools: [{ type: mcp, authorization: "${MCP}", n: 1, none: null }], text: "a {name} and {\\"json\\": 1}" }',
    ),
  ).toEqual([]);
});

test.each([
  ["conversation: endpont", 'error unknown conversation "endpont"; did you mean "endpoint"?'],
  ["extra_body: { messages: [] }", "error the name messages is the gateway's own to write"],
  ["extra_body: { model: 4 }", "error the name model is the gateway's own to write"],
  ["extra_body: web", "error extra_body must be an object, not a text"],
  ['headers: { x-s: "{sesion}" }', 'warning "{sesion}" is sent as it is; did you mean {session}?'],
  [
    'extra_body: { a: ["{user-id} {userid}"] }',
    'warning "{userid}" is sent as it is; did you mean {user_id}?',
  ],
  [
    "extra_body: { tools: [{ authorization: mcp-key }] }",
    "warning a literal authorization would be bundled into the Worker; write ${NAME} and set that secret",
  ],
  [
    'extra_body: { a: { b: "${K" } }',
    "error a ${…} here is not closed, or its name has other characters than letters, digits and _",
  ],
])("%s", (fields, finding) => {
  expect(block(fields)).toEqual([finding]);
});

test("a route's system prompt for an endpoint that holds the conversation has no effect", () => {
  const route = "{ match: { platform: hub }, conversation: endpoint, system_prompt: Be brief. }";
  expect(check(`${MODEL.replace(" }", `, routes: [${route}] }`)}`)).toEqual([
    expect.stringMatching(/ warning an endpoint that holds the conversation is sent no system prompt/),
  ]);
});
