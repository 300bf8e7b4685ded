import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { say, sessionOf, untilQuiet } from "./support/chat.ts";
import { startWorld, type World } from "./support/world.ts";

const [OWNER, KILLED, STRANGER, ROUTED, UNSET] = [42, 43, 5001, 5002, 5003].map((id) => ({ id })) as [
  P,
  P,
  P,
  P,
  P,
];
type P = { readonly id: number };
const KEYS = { BASE_KEY: "key-of-base", ROUTE_KEY: "key-of-the-route", STRONG_KEY: "key-of-strong" };

const routes = (url: (name: string) => string) => `
model:
  default: base-model
  provider: custom
  base_url: ${url("base")}
  api_key: \${BASE_KEY}
  routes:
    - match: { platform: telegram, user_id: ${ROUTED.id} }
      model: route-model
      base_url: ${url("route")}
      api_key: \${ROUTE_KEY}
    - match: { platform: telegram, user_id: ${UNSET.id} }
      model: unset-model
      base_url: ${url("route")}
      api_key: \${NOBODY_HAS_SET_THIS}
models:
  strong: { model: strong-model, base_url: "${url("strong")}", api_key: "\${STRONG_KEY}" }
owners: { telegram: ["${OWNER.id}"] }
access: { strangers: answer, commands: { model: [owner] } }
memory: true
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["base", "route", "strong"], routes, env: KEYS });
});
afterAll(() => world?.stop());
beforeEach(() => {
  for (const endpoint of Object.values(world.endpoints)) endpoint.clear();
  world.endpoint("base").answer(({ messages, text, model }) => {
    if (!isFlush(messages)) return `${model} heard: ${text}`;
    const { conversation } = JSON.parse(text);
    const said = conversation.map(({ user }: { user: string }) => `- ${user}`).join("\n");
    return `<owner>\n${said}\n</owner>\n<chat>\n${said}\n</chat>`;
  });
});

const isFlush = ([first]: readonly { readonly content: unknown }[]) =>
  String(first?.content).startsWith("You keep the memory");

/** Every request for notes, wherever it went: the endpoint that has it, model and key. */
const flushes = () =>
  Object.entries(world.endpoints).flatMap(([endpoint, double]) =>
    double
      .requests()
      .filter(({ messages }) => isFlush(messages))
      .map(({ model, key }) => ({ endpoint, model, key })),
  );
const noted = ({ id }: P, what: string) =>
  waitFor("notes", async () => {
    const [row] = await world.gateway.sql(sessionOf({ id }), "SELECT value FROM meta WHERE key = 'memory'");
    const { text = "", pending = [] } = JSON.parse(String(row?.value ?? "{}"));
    return text.includes(what) && pending.length === 0;
  });
/** What the newest turn anywhere was told. */
const told = (endpoint: string) =>
  String(
    world
      .endpoint(endpoint)
      .requests()
      .at(-1)
      ?.messages.find(({ role }) => role === "system")?.content ?? "",
  );

describe("notes are taken by the whole default bundle", () => {
  test.each<[string, P, string, string]>([
    ["base", STRANGER, "base-model", ""],
    ["a route", ROUTED, "", ""],
    ["a choice of /model", OWNER, "", "/model strong"],
    ["a route whose secret is not set", UNSET, "base-model", ""],
  ])("of a conversation by %s", async (_, person, heard, first) => {
    if (first) await say(world, person, first);
    const said = `fact of ${person.id}`;
    const answer = await say(world, person, said);
    if (heard) expect(answer).toContain(`${heard} heard`);
    else expect(world.endpoint("base").requests()).toEqual([]);
    await untilQuiet(world.gateway, sessionOf(person));
    expect(await say(world, person, "/new")).toMatch(/^New conversation/);
    await noted(person, said);
    expect(flushes()).toEqual([{ endpoint: "base", model: "base-model", key: KEYS.BASE_KEY }]);
  });
});

test("what was said is known in the next conversation, and to nobody else", async () => {
  await say(world, OWNER, "what do you know?");
  expect(told("base")).toContain(`> - fact of ${OWNER.id}`);
  expect(await say(world, OWNER, "/memory")).toContain(`fact of ${OWNER.id}`);
  const other = { id: 5009 };
  await say(world, other, "what do you know?");
  expect(told("base")).toBe("");
  expect(await say(world, STRANGER, "/memory")).not.toContain(`fact of ${OWNER.id}`);
});

test("a kill of the runtime while notes are taken loses nothing", async () => {
  const base = world.endpoint("base");
  let calls = 0;
  base.answer(({ messages, model, text }) => {
    if (!isFlush(messages)) return `${model} heard: ${text}`;
    calls++;
    return calls === 1 ? new Promise<string>(() => {}) : "<chat>- it survived</chat>";
  });
  await say(world, KILLED, "remember this");
  await untilQuiet(world.gateway, sessionOf(KILLED));
  await say(world, KILLED, "/new");
  await waitFor("the first try", () => calls === 1);
  await world.gateway.kill();
  await world.gateway.restart();
  // A minute later, for which no test waits.
  const sooner = "UPDATE meta SET value = json_set(value, '$.pending[0].at', 0) WHERE key = 'memory'";
  await world.gateway.sql(sessionOf(KILLED), sooner);
  await say(world, KILLED, "still there?");
  await noted(KILLED, "it survived");
  expect(calls).toBe(2);
});

test("/memory forget deletes it, for all chats of the owner", async () => {
  expect(await say(world, OWNER, "/memory forget")).toMatch(/^Forgotten/);
  await say(world, OWNER, "and now?");
  expect(told("base")).toBe("");
  expect(JSON.stringify(world.gateway.output)).not.toContain("fact of");
});
