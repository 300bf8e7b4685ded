import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { startWorld, type World } from "./support/world.ts";

const OWNER = { id: 42 };
const OTHER_OWNER = { id: 43 };
const STRANGER = { id: 5001 };
const SECRETS = { BASE_KEY: "key-of-base-1111", STRONG_KEY: "key-of-strong-2222" };

const routes = (url: (name: string) => string) => `
model:
  default: base-model
  provider: custom
  base_url: ${url("base")}
  api_key: \${BASE_KEY}
  routes:
    - match: { source_kind: owner }
      model: owner-model
models:
  fast: fast-model
  strong: { model: strong-model, base_url: "${url("strong")}", api_key: "\${STRONG_KEY}" }
owners: { telegram: ["42", "43"] }
access: { strangers: answer, commands: { model: [owner] } }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["base", "strong"], routes, env: SECRETS });
});
afterAll(() => world?.stop());
beforeEach(() => {
  for (const endpoint of Object.values(world.endpoints)) endpoint.clear();
});

/** Says something in a private chat and returns what the bot says next there. */
async function say(person: { id: number }, text: string): Promise<string> {
  const { telegram, gateway } = world;
  const before = telegram.messagesTo(person.id).length;
  const { status } = await telegram.deliver(gateway.url, telegram.updates.direct(person, text));
  expect(status).toBe(200);
  return (await telegram.waitForMessages(person.id, before + 1))[before]?.text ?? "";
}

const asked = (name: string) =>
  world
    .endpoint(name)
    .requests()
    .map(({ model, key }) => ({ model, key }));

test("/model says which model, which layer and which route decided", async () => {
  const shown = await say(OWNER, "/model");
  expect(shown).toContain("owner-model");
  expect(shown).toMatch(/routes\[0\]/);
  for (const name of ["fast", "strong"]) expect(shown).toContain(name);
  expect(asked("base")).toEqual([]);
});

test("a chosen bundle holds from the very next message on, with its own endpoint and key", async () => {
  await say(OWNER, "/model strong");
  expect(await say(OWNER, "first")).toBe("strong-model heard: first");
  expect(asked("strong")).toEqual([{ model: "strong-model", key: SECRETS.STRONG_KEY }]);
  expect(asked("base")).toEqual([]);
  expect(await say(OWNER, "/status")).toContain("strong-model");
});

test("it never touches another session", async () => {
  expect(await say(OTHER_OWNER, "mine?")).toBe("owner-model heard: mine?");
  expect(await say(STRANGER, "mine?")).toBe("base-model heard: mine?");
  expect(asked("base").map(({ key }) => key)).toEqual([SECRETS.BASE_KEY, SECRETS.BASE_KEY]);
  expect(asked("strong")).toEqual([]);
});

test("KV holds the choice under the session key, and no key or secret", async () => {
  const name = "override:agent:main:telegram:dm:42";
  const kv = await waitFor("override in KV", async () => {
    const found = await world.gateway.overrides();
    return name in found && found;
  });
  expect(Object.keys(kv)).toEqual([name]);
  const value: unknown = JSON.parse(String(kv[name]));
  expect(value).toMatchObject({ set_by: "42", set_at: expect.stringMatching(/^\d{4}-/) });
  expect(kv[name]).not.toMatch(/api_key|key-of/);
});

test("it survives a restart of the runtime", async () => {
  await world.gateway.restart();
  expect(await say(OWNER, "again")).toBe("strong-model heard: again");
});

test("only those whom access names may change it", async () => {
  const person = { id: 5003 };
  expect(await say(person, "/model fast")).toMatch(/only the owner/i);
  expect(await say(person, "still?")).toBe("base-model heard: still?");
});

test("a short name keeps the route's endpoint, an unknown one gets the nearest", async () => {
  await say(OTHER_OWNER, "/model fast");
  expect(await say(OTHER_OWNER, "quick")).toBe("fast-model heard: quick");
  expect(asked("base")).toEqual([{ model: "fast-model", key: SECRETS.BASE_KEY }]);
  expect(await say(OTHER_OWNER, "/model fats")).toContain("fast");
  expect(await say(OTHER_OWNER, "quick")).toBe("fast-model heard: quick");
});

test("/model reset returns to the route", async () => {
  await say(OTHER_OWNER, "/model reset");
  expect(await say(OTHER_OWNER, "back")).toBe("owner-model heard: back");
});

test("/new forgets the conversation and the choice", async () => {
  await say(OWNER, "/new");
  expect(await say(OWNER, "fresh")).toBe("owner-model heard: fresh");
  const [request] = world.endpoint("base").requests();
  expect(request?.messages.filter(({ role }) => role !== "system")).toEqual([
    { role: "user", content: "fresh" },
  ]);
  expect(Object.keys(await world.gateway.overrides())).toEqual([]);
});

test("a command is answered while a turn runs, and /stop ends the turn at once", async () => {
  const { telegram, gateway } = world;
  const person = { id: 5002 };
  const base = world.endpoint("base");
  const held = Promise.withResolvers<string>();
  base.answer(({ text, model }) => (text === "slow" ? held.promise : `${model} heard: ${text}`));
  await telegram.deliver(gateway.url, telegram.updates.direct(person, "slow"));
  await waitFor("call of the slow turn", () => base.requests().length === 1);
  expect(await say(person, "/status")).toContain("base-model");
  expect(await say(person, "/stop")).toMatch(/stopped/i);
  expect(await say(person, "next")).toBe("base-model heard: next");
  held.resolve("too late");
  expect(base.requests().map(({ messages }) => messages.at(-1)?.content)).toEqual(["slow", "next"]);
  expect(telegram.messagesTo(person.id).map(({ text }) => text)).not.toContain("too late");
});
