import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { say } from "./support/chat.ts";
import { startWorld, type World } from "./support/world.ts";

const OWNER = { id: 9801 };
const STRANGER = { id: 9802 };
const KEYS = { AGENT_KEY: "sk-agent-0123456789abcdef", TOOL_KEY: "tool-0123456789abcdef" };

let world: World;
beforeAll(async () => {
  const routes = (url: (name: string) => string) => `
model:
  default: agent
  base_url: ${url("agent")}
  api_key: \${AGENT_KEY}
  conversation: endpoint
  headers: { X-Team: blue, X-Hermes-Session-Id: "{session}" }
  extra_body: { metadata: { who: "{platform}:{user_id}", kind: "{source_kind}" }, tools: [{ type: mcp, authorization: "\${TOOL_KEY}" }] }
owners: { telegram: ["${OWNER.id}"] }
access: { strangers: answer }
system_prompt: Be brief.
`;
  world = await startWorld({ endpoints: ["agent"], routes, env: KEYS });
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.endpoint("agent").clear();
  world.endpoint("agent").answer(({ text }) => `heard: ${text}`);
});

const requests = () => world.endpoint("agent").requests();

test("an owner's agent is sent the new message alone, with whose it is and by which delivery", async () => {
  expect(await say(world, OWNER, "My name is Ann.")).toBe("heard: My name is Ann.");
  expect(await say(world, OWNER, "What is it?")).toBe("heard: What is it?");
  expect(requests().map(({ messages }) => messages)).toEqual([
    [{ role: "user", content: "My name is Ann." }],
    [{ role: "user", content: "What is it?" }],
  ]);
  for (const { headers, body } of requests()) {
    expect(headers).toMatchObject({
      "x-team": "blue",
      "x-hermes-session-id": `agent:main:telegram:dm:${OWNER.id}`,
      "idempotency-key": expect.stringMatching(/^telegram:\d+:\d+$/),
    });
    expect(body).toMatchObject({
      metadata: { who: `telegram:${OWNER.id}`, kind: "owner" },
      tools: [{ type: "mcp", authorization: KEYS.TOOL_KEY }],
    });
  }
  expect(new Set(requests().map(({ headers }) => headers["idempotency-key"])).size).toBe(2);
});

test("an endpoint that is asked again is given the same key", async () => {
  world.endpoint("agent").failNext(1, 503);
  await say(world, OWNER, "again");
  const keys = requests().map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
});

test("a stranger at the same endpoint brings the conversation along, and nothing of the owner's", async () => {
  await say(world, STRANGER, "hello");
  await say(world, STRANGER, "who am I?");
  const last = requests().at(-1);
  expect(last?.messages.map(({ content }) => content)).toEqual([
    "Be brief.",
    "hello",
    "heard: hello",
    "who am I?",
  ]);
  expect(last?.headers["x-team"]).toBe("blue");
  for (const name of ["x-hermes-session-id", "idempotency-key"])
    expect(last?.headers).not.toHaveProperty(name);
  for (const name of ["metadata", "tools"]) expect(last?.body).not.toHaveProperty(name);
  expect(JSON.stringify(last?.body)).not.toContain(KEYS.TOOL_KEY);
});
