import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { BOT } from "../../tools/doubles/telegram-updates.ts";
import { ADMIN_TOKEN, AGENT, startWorld, type World } from "./support/world.ts";

const OWNER = { id: 42 };
const DISCORD_OWNER = "1417636184355766305";
const STRANGER = { id: 5001, first_name: "Ariadne" };
const GROUP = { id: -100_200_300 };
const SECRETS = {
  BASE_KEY: "key-of-base-1111",
  OWNER_KEY: "key-of-owner-2222",
  STRANGER_KEY: "key-of-strangers-3333",
  PEER_KEY: "key-of-peers-4444",
};

const routes = (url: (name: string) => string) => `
transcription: { base_url: "https://stt.example/v1", api_key: "\${NO_EARS}", model: whisper-1 }
model:
  default: base-model
  provider: custom
  base_url: ${url("base")}
  api_key: \${BASE_KEY}
  routes:
    - match: { source_kind: owner }
      model: owner-model
      base_url: ${url("owner")}
      api_key: \${OWNER_KEY}
    - match: { platform: discord, guild_id: "999" }
      model: unset-model
      base_url: ${url("owner")}
      api_key: \${NOBODY_SET_THIS}
    - match: { platform: telegram, chat_type: [group, thread] }
      model: group-model
      base_url: ${url("strangers")}
      api_key: \${STRANGER_KEY}
    - match: { platform: [telegram, discord], source_kind: stranger }
      model: stranger-model
      base_url: ${url("strangers")}
      api_key: \${STRANGER_KEY}
    - match: { source_kind: hub_peer }
      model: peer-model
      base_url: ${url("peers")}
      api_key: \${PEER_KEY}
owners: { telegram: ["42"], discord: ["${DISCORD_OWNER}"] }
access: { strangers: answer, hub_peers: answer, commands: { model: [owner] } }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["base", "owner", "strangers", "peers"], routes, env: SECRETS });
});
afterAll(() => world?.stop());
beforeEach(() => {
  for (const endpoint of Object.values(world.endpoints)) endpoint.clear();
});

/** Every call that was made, as endpoint, model and key. */
function calls() {
  return Object.entries(world.endpoints).flatMap(([endpoint, double]) =>
    double.requests().map(({ model, key, path }) => ({ endpoint, model, key, path })),
  );
}

const call = (endpoint: string, model: string, key: string) => ({
  endpoint,
  model,
  key,
  path: "/v1/chat/completions",
});

test("the owner's message goes to the owner's endpoint, with its model and key", async () => {
  const { telegram, gateway } = world;
  const delivered = await telegram.deliver(gateway.url, telegram.updates.direct(OWNER, "hello"));
  expect(delivered.status).toBe(200);
  const [answer] = await telegram.waitForMessages(OWNER.id, 1);
  expect(answer?.text).toBe("owner-model heard: hello");
  expect(calls()).toEqual([call("owner", "owner-model", SECRETS.OWNER_KEY)]);
  const line = await gateway.waitForLog("turn of the owner", ({ event }) => event === "turn");
  expect(line).toMatchObject({
    level: "info",
    platform: "telegram",
    session: "agent:main:telegram:dm:42",
    source_kind: "owner",
    model: "owner-model",
    outcome: "ok",
  });
});

test("a stranger's goes to the strangers'", async () => {
  const { telegram, gateway } = world;
  await telegram.deliver(gateway.url, telegram.updates.direct(STRANGER, "hello"));
  const [answer] = await telegram.waitForMessages(STRANGER.id, 1);
  expect(answer?.text).toBe("stranger-model heard: hello");
  expect(calls()).toEqual([call("strangers", "stranger-model", SECRETS.STRANGER_KEY)]);
});

test("in a group it answers when it is mentioned, in the topic where it was asked", async () => {
  const { telegram, gateway } = world;
  const say = (text: string, thread_id?: number) =>
    telegram.deliver(
      gateway.url,
      telegram.updates.group(STRANGER, thread_id === undefined ? GROUP : { ...GROUP, thread_id }, text),
    );
  expect(await say("nobody asked you")).toMatchObject({ status: 200 });
  expect(await say("/status@some_other_bot")).toMatchObject({ status: 200 });
  await say(`@${BOT.username} and you?`);
  const [answer] = await telegram.waitForMessages(GROUP.id, 1);
  expect(answer?.text).toContain("group-model heard:");
  expect(answer?.text).toContain("and you?");
  await say(`@${BOT.username} in the topic`, 7);
  const answers = await telegram.waitForMessages(GROUP.id, 2);
  expect(answers.map(({ thread_id }) => thread_id)).toEqual([undefined, 7]);
  expect(calls()).toEqual(
    Array.from({ length: 2 }, () => call("strangers", "group-model", SECRETS.STRANGER_KEY)),
  );
});

test("a Hub peer's goes to the peers', and the answer to the peer", async () => {
  const { hub } = world;
  await hub.register("argus");
  expect(await hub.send({ from: "argus", to: AGENT, message: "hello" })).toMatchObject({ status: 200 });
  const answer = await hub.waitForMessageTo("argus", ({ from }) => from === AGENT);
  expect(answer.message).toBe("peer-model heard: hello");
  expect(calls()).toEqual([call("peers", "peer-model", SECRETS.PEER_KEY)]);
});

test("Discord's owner and strangers are told apart by their authenticated ids", async () => {
  const { discord, gateway } = world;
  const ask = async (user_id: string) => {
    const where = { user_id, channel_id: "900", guild_id: "800" };
    const interaction = discord.interactions.command(where, "ask", { prompt: "hello" });
    await discord.interact(gateway.url, interaction);
    return (await discord.waitForMessages(interaction, 1))[0]?.content;
  };
  expect(await ask(DISCORD_OWNER)).toBe("owner-model heard: hello");
  expect(await ask("77")).toBe("stranger-model heard: hello");
  expect(calls()).toEqual([
    call("owner", "owner-model", SECRETS.OWNER_KEY),
    call("strangers", "stranger-model", SECRETS.STRANGER_KEY),
  ]);
});

test("a route whose secret is not set falls back to base; /status and the log say so", async () => {
  const { discord, gateway } = world;
  const where = { user_id: "78", channel_id: "901", guild_id: "999" };
  const from = gateway.logs.length;
  const ask = discord.interactions.command(where, "ask", { prompt: "hello" });
  await discord.interact(gateway.url, ask);
  const [answer] = await discord.waitForMessages(ask, 1);
  expect(answer?.content).toBe("base-model heard: hello");
  expect(calls()).toEqual([call("base", "base-model", SECRETS.BASE_KEY)]);
  const turn = await gateway.waitForLog("turn", ({ event }) => event === "turn", from);
  expect(JSON.stringify(turn)).toContain("NOBODY_SET_THIS");

  const status = discord.interactions.command(where, "status");
  await discord.interact(gateway.url, status);
  const [report] = await discord.waitForMessages(status, 1);
  expect(report?.content).toContain("base-model");
  expect(report?.content).toMatch(/cannot be used/);
});

test("health says what runs, and to the operator what is on and what is missing", async () => {
  const { gateway } = world;
  const open = await gateway.fetch("/health");
  expect(open.status).toBe(200);
  const told = (await open.json()) as Record<string, unknown>;
  expect(told).toEqual({
    status: "ok",
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    routes: expect.stringMatching(/^[0-9a-f]{12}$/),
  });
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const operator = await (await gateway.fetch("/health", { headers })).json();
  expect(operator).toMatchObject({
    ...told,
    platforms: { telegram: "on", discord: "on", hub: "on", cli: "on" },
    missing_secrets: ["NOBODY_SET_THIS", "NO_EARS"],
  });
  const wrong = await gateway.fetch("/health", { headers: { authorization: "Bearer wrong" } });
  expect(await wrong.json()).toEqual(told);
});

test("nothing that anybody said, and no secret, is in the gateway's output", async () => {
  const output = world.gateway.output.join("\n");
  for (const said of ["nobody asked you", "heard: hello"]) expect(output).not.toContain(said);
  const { TELEGRAM_API_BASE: _t, DISCORD_API_BASE: _d, HUB_BASE_URL: _h, ...rest } = world.env;
  const { DISCORD_APPLICATION_ID: _a, DISCORD_PUBLIC_KEY: _p, HUB_AGENT_ID: _i, ...secrets } = rest;
  for (const [name, secret] of Object.entries(secrets)) {
    expect(output.includes(secret), `${name} is in the output`).toBe(false);
  }
});
