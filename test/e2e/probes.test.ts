import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { type RawEndpoint, silence, startRawEndpoint } from "../support/raw-endpoint.ts";
import { startWorld, type World } from "./support/world.ts";

/** Eleven situations in which a message is easily lost, doubled or answered with nothing. */

const HANGING_USER = { id: 7011 };
/** A webhook is acknowledged in this time at most, whatever the model does. */
const ACK_MS = 1_000;

let world: World;
let hanging: RawEndpoint;
beforeAll(async () => {
  hanging = await startRawEndpoint();
  hanging.script(silence);
  const routes = (url: (name: string) => string) => `
model:
  default: m
  provider: custom
  base_url: ${url("base")}
  routes:
    - match: { user_id: "${HANGING_USER.id}" }
      base_url: ${hanging.url}
      timeouts: { first_token: 1 }
access: { strangers: answer }
`;
  world = await startWorld({ endpoints: ["base"], routes });
});
afterAll(async () => {
  await world?.stop();
  await hanging?.stop();
});
beforeEach(() => {
  world.endpoint("base").clear();
  world.endpoint("base").answer(({ text }) => `re: ${text}`);
});

const base = () => world.endpoint("base");
const deliver = (update: unknown, secret?: string | null) =>
  world.telegram.deliver(world.gateway.url, update, secret);
const say = (person: { id: number }, text: string) => deliver(world.telegram.updates.direct(person, text));
const texts = (person: { id: number }) => world.telegram.messagesTo(person.id).map(({ text }) => text);

/** Says something more and waits for its answer: what came before it is over by then. */
async function settle(person: { id: number }): Promise<void> {
  const expected = world.telegram.messagesTo(person.id).length + 1;
  await say(person, "settled?");
  await waitFor("answer to what was said last", () => texts(person).at(-1) === "re: settled?");
  expect(texts(person).length).toBe(expected);
}

test("1. the same update three times at once: one model call", async () => {
  const person = { id: 7001 };
  const update = world.telegram.updates.direct(person, "one");
  await Promise.all([deliver(update), deliver(update), deliver(update)]);
  await world.telegram.waitForMessages(person.id, 1);
  await settle(person);
  expect(base().requests()).toHaveLength(2);
});

test("2. the same update later: no model call", async () => {
  const person = { id: 7002 };
  const update = world.telegram.updates.direct(person, "one");
  await deliver(update);
  await world.telegram.waitForMessages(person.id, 1);
  expect(await deliver(update)).toMatchObject({ status: 200 });
  await settle(person);
  expect(base().requests()).toHaveLength(2);
});

test("3. no secret, and 4. a wrong one: 401 and no model call", async () => {
  const update = world.telegram.updates.direct({ id: 7003 }, "let me in");
  expect(await deliver(update, null)).toMatchObject({ status: 401 });
  expect(await deliver(update, "wrong")).toMatchObject({ status: 401 });
  await say({ id: 7004 }, "honest");
  await world.telegram.waitForMessages(7004, 1);
  expect(base().requests()).toHaveLength(1);
  expect(texts({ id: 7003 })).toEqual([]);
});

test("5. three messages overlapping, the first slow: answered in order, no turn lost", async () => {
  const person = { id: 7005 };
  const slow = Promise.withResolvers<void>();
  base().answer(async ({ text }) => {
    if (text === "first") await slow.promise;
    return `re: ${text}`;
  });
  for (const text of ["first", "second", "third"]) await say(person, text);
  await waitFor("first call", () => base().requests().length === 1);
  slow.resolve();
  await world.telegram.waitForMessages(person.id, 3);
  expect(texts(person)).toEqual(["re: first", "re: second", "re: third"]);
  const last = base().requests().at(-1)?.messages ?? [];
  expect(last.map(({ content }) => content)).toEqual(["first", "re: first", "second", "re: second", "third"]);
});

test("6. the acknowledgement does not wait for the model", async () => {
  const person = { id: 7006 };
  const model = Promise.withResolvers<string>();
  base().answer(() => model.promise);
  const { status, ms } = await say(person, "slow one");
  expect(status).toBe(200);
  expect(ms).toBeLessThan(ACK_MS);
  expect(texts(person)).toEqual([]);
  const typing = () => world.telegram.callsOf("sendChatAction").map(({ body }) => String(body.chat_id));
  await waitFor("sign that it is at work", () => typing().includes(String(person.id)));
  model.resolve("done at last");
  await world.telegram.waitForMessages(person.id, 1);
});

test("7. an answer of 12,400 characters comes whole, in messages Telegram takes, no word cut", async () => {
  const person = { id: 7007 };
  const words = Array.from({ length: 1_550 }, (_, index) => `word${String(index).padStart(3, "0")}`);
  const answer = words.join(" ").slice(0, 12_400);
  base().answer(answer);
  await say(person, "long, please");
  await waitFor("last word", () => texts(person).join(" ").includes(answer.slice(-7)));
  const sent = texts(person);
  expect(sent.length).toBeGreaterThanOrEqual(4);
  for (const text of sent) expect(text.length).toBeLessThanOrEqual(4_096);
  const received = sent.join(" ").match(/word\d{3,}/g);
  expect(received).toEqual(answer.match(/word\d{3,}/g));
});

test("8. the model answers HTTP 500: one clear line for the user, one log line for the operator", async () => {
  const person = { id: 7008 };
  const from = world.gateway.logs.length;
  base().failNext(10, 500);
  await say(person, "will fail");
  const [answer] = await world.telegram.waitForMessages(person.id, 1);
  expect(answer?.text).toMatch(/endpoint has a problem/);
  expect(answer?.text).not.toMatch(/refused on demand|500/);
  const line = await world.gateway.waitForLog("turn", ({ event }) => event === "turn", from);
  expect(line).toMatchObject({ level: "warn", platform: "telegram", outcome: "unavailable", status: 500 });
  base().clear();
  await settle(person);
});

test("9. the stream is cut: said so, and the half answer is not shown as a whole one", async () => {
  const person = { id: 7009 };
  base().answer("This answer will never be complete because the connection ends.");
  base().cutNext(20, 3);
  await say(person, "will be cut");
  const [answer] = await world.telegram.waitForMessages(person.id, 1);
  expect(answer?.text).toMatch(/broke off/);
  base().clear();
  base().answer(({ text }) => `re: ${text}`);
  await settle(person);
});

test("10. one 429 of Telegram: the answer is delivered, once, after the wait it asked for", async () => {
  const person = { id: 7010 };
  world.telegram.faults.fail("sendMessage", { kind: "rate_limited", retry_after: 1 });
  await say(person, "patience");
  await world.telegram.waitForMessages(person.id, 1);
  expect(texts(person)).toEqual(["re: patience"]);
  const [refused, taken] = world.telegram
    .callsOf("sendMessage")
    .filter(({ body }) => String(body.chat_id) === String(person.id));
  expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  expect(base().requests()).toHaveLength(1);
});

test("11. the model hangs: acknowledged, and the user is told in time", async () => {
  const { status, ms } = await say(HANGING_USER, "anybody there?");
  expect(status).toBe(200);
  expect(ms).toBeLessThan(ACK_MS);
  const [answer] = await world.telegram.waitForMessages(HANGING_USER.id, 1);
  expect(answer?.text).toMatch(/too long to answer/);
});

test("and an edited message starts no new turn", async () => {
  const person = { id: 7012 };
  await say(person, "helo");
  await world.telegram.waitForMessages(person.id, 1);
  expect(await deliver(world.telegram.updates.edited(person, "hello"))).toMatchObject({ status: 200 });
  await settle(person);
  expect(base().requests()).toHaveLength(2);
});
