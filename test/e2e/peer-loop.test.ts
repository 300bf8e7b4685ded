import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { startGateway } from "./support/gateway.ts";
import { AGENT, startWorld, type World } from "./support/world.ts";

const OWNER = 42;
const OTHER = "other";

const routes = (url: (name: string) => string) => `
model: { default: m, provider: custom, base_url: "${url("base")}" }
owners: { telegram: ["${OWNER}"] }
access: { hub_peers: answer }
`;

let world: World;
let other: Awaited<ReturnType<typeof startGateway>>;
beforeAll(async () => {
  world = await startWorld({ endpoints: ["base"], routes });
  const { hub } = world;
  await hub.register(OTHER);
  other = await startGateway({ routes: routes((name) => world.endpoint(name).url), env: hub.env(OTHER) });
});
afterAll(async () => {
  await other?.stop();
  await world?.stop();
});

test("two gateways whose models always answer fall silent, and a person is answered all the same", async () => {
  const { hub, gateway, telegram } = world;
  let turns = 0;
  world.endpoint("base").answer(({ text }) => (/^who/.test(text) ? "me" : `answer ${++turns}`));
  await hub.send({ from: OTHER, to: AGENT, message: "hello" });
  const sent = () => hub.sentBy(AGENT).length + hub.sentBy(OTHER).length;
  const hushed = () => [...gateway.logs, ...other.logs].filter(({ event }) => event === "peer_hushed");
  while (hushed().length === 0 && sent() <= 40) {
    const before = sent();
    // A look hands over what the other one has sent; its answer is sent a little later.
    await Promise.all([gateway.scheduled(), other.scheduled()]);
    await waitFor("an answer, or silence", () => sent() > before || hushed().length > 0, 10_000);
  }
  expect(sent()).toBeGreaterThan(10);
  expect(sent()).toBeLessThanOrEqual(40);
  expect(hushed()).toMatchObject([{ reason: "peer_silence" }]);
  const system = world.endpoint("base").requests()[0]?.messages[0];
  expect(system).toMatchObject({ role: "system", content: expect.stringContaining("NO_REPLY") });

  await telegram.deliver(gateway.url, telegram.updates.direct({ id: OWNER }, "who are you?"));
  expect((await telegram.waitForMessages(OWNER, 1)).at(-1)?.text).toBe("me");
});
