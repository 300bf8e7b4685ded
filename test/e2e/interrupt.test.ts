import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { chatAnswer, type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { say } from "./support/chat.ts";
import { startWorld, type World } from "./support/world.ts";

const PERSON = { id: 9811 };

let world: World;
let model: RawEndpoint;
beforeAll(async () => {
  model = await startRawEndpoint();
  const routes = () => `
model: { default: m, provider: custom, base_url: "${model.url}" }
access: { strangers: answer }
sessions: { busy: interrupt }
`;
  world = await startWorld({ endpoints: [], routes });
});
afterAll(async () => {
  await world?.stop();
  await model?.stop();
});

test("with `busy: interrupt` a message stops the answer before it, of which stays what was written", async () => {
  const { updates } = world.telegram;
  const texts = () => world.telegram.messagesTo(PERSON.id).map(({ text }) => text);
  model.script(chatAnswer("This instead."));
  const held = model.hold((exchange) => exchange.stream().chunk({ content: "Half of a very long answer" }));
  await world.telegram.deliver(world.gateway.url, updates.direct(PERSON, "Tell me all of it."));
  const { closed } = await held.started;
  await waitFor("what is written so far", () => texts().length === 1);
  await say(world, PERSON, "No, in short.");
  await closed;
  await waitFor("the answer", () => texts().at(-1) === "This instead.");
  expect(texts()).toEqual(["Half of a very long answer\n\nStopped.", "This instead."]);
  expect(model.requests.at(-1)?.messages).toEqual([{ role: "user", content: "No, in short." }]);
});
