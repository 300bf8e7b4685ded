import { createParser } from "eventsource-parser";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chatAnswer, type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { ADMIN_TOKEN, startWorld, type World } from "./support/world.ts";

const LONG = "A first sentence that is long enough to be shown. ";
const MORE = "And a second one.";

let world: World;
let slow: RawEndpoint;
let other: RawEndpoint;
beforeAll(async () => {
  [slow, other] = await Promise.all([startRawEndpoint(), startRawEndpoint()]);
  const routes = () => `
model:
  default: slow-model
  provider: custom
  base_url: "${slow.url}"
  api_key: "\${BASE_KEY}"
  routes:
    - match: { platform: cli, chat_id: routed }
      model: routed-model
      base_url: "${other.url}"
      api_key: "\${ROUTE_KEY}"
    - match: { platform: cli, chat_id: lacks }
      model: lacking-model
      base_url: "${other.url}"
      api_key: "\${NOBODY_SET_THIS}"
models:
  elsewhere: { model: chosen-model, base_url: "${other.url}", api_key: "\${OTHER_KEY}" }
`;
  const env = { BASE_KEY: "key-of-base", ROUTE_KEY: "key-of-route", OTHER_KEY: "key-of-other" };
  world = await startWorld({ endpoints: [], routes, env });
});
afterAll(async () => {
  await world?.stop();
  await Promise.all([slow?.stop(), other?.stop()]);
});
beforeEach(() => {
  slow.clear();
  slow.script(chatAnswer("ok"));
});

let count = 0;
const newId = () => `message-${++count}`;
const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

async function post(session: string, text: string, delivery_id = newId()): Promise<string> {
  const body = JSON.stringify({ session, text, delivery_id });
  const response = await world.gateway.fetch("/webhooks/cli", { method: "POST", body, headers });
  expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
  return delivery_id;
}

const get = (session: string, delivery_id: string, init: RequestInit = {}) =>
  world.gateway.fetch(`/webhooks/cli?session=${session}&delivery_id=${delivery_id}`, { headers, ...init });

interface Seen {
  readonly at?: number;
  readonly text: string;
  readonly outcome?: string;
}

/** Follows an answer to its end, or until `enough` says so; then the connection is cut. */
async function follow(
  session: string,
  delivery_id: string,
  enough: (seen: readonly Seen[]) => boolean = () => false,
): Promise<Seen[]> {
  const response = await get(session, delivery_id);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const seen: Seen[] = [];
  const parser = createParser({
    onEvent: ({ data }) => seen.push(JSON.parse(data)),
  });
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    // To leave the loop closes the connection.
    if (enough(seen)) break;
  }
  return seen;
}

/** Asks and follows: the answer and what it came to. */
async function ask(session: string, text: string) {
  return (await follow(session, await post(session, text))).at(-1);
}

test("an answer is followed while it is written, to its end, and can be fetched again", async () => {
  const held = slow.hold(
    (exchange) => exchange.stream().chunk({ content: LONG }),
    (exchange) => exchange.chunk({ content: MORE }, "stop").end(),
  );
  const id = await post("grows", "Hello");
  const begun = Promise.withResolvers<void>();
  const seen = follow("grows", id, (events) => {
    if (events.length > 0) begun.resolve();
    return false;
  });
  await begun.promise;
  // Whoever comes later sees what is there, and then what comes.
  const late = await follow("grows", id, (events) => events.length > 0);
  expect(late).toEqual([{ at: 0, text: LONG }]);
  held.release();
  const end = { outcome: "ok", text: LONG + MORE };
  const [first, ...rest] = await seen;
  expect(first).toEqual({ at: 0, text: LONG });
  expect(rest.at(-1)).toEqual(end);
  expect(await follow("grows", id)).toEqual([end]);
});

test("what is written meanwhile costs no row", async () => {
  const rows = () => world.gateway.sql("agent:main:cli:dm:rows", "SELECT total_changes() AS n");
  const written = async (text: string) => {
    const [before] = await rows();
    expect(await ask("rows", text)).toMatchObject({ outcome: "ok" });
    const [after] = await rows();
    return Number(after?.n) - Number(before?.n);
  };
  await ask("rows", "first");
  const quiet = await written("quiet");
  expect(quiet).toBeGreaterThan(0);
  const held = slow.hold(
    (exchange) => exchange.stream().chunk({ content: LONG }),
    (exchange) => exchange.chunk({ content: MORE }, "stop").end(),
  );
  const id = await post("rows", "grows");
  const [before] = await rows();
  await held.started;
  await follow("rows", id, (events) => events.length > 0);
  held.release();
  await follow("rows", id);
  const [after] = await rows();
  expect(Number(after?.n) - Number(before?.n)).toBeLessThanOrEqual(quiet);
});

test("a connection that is cut resumes the running answer, and gets one that was finished meanwhile", async () => {
  const held = slow.hold(
    (exchange) => exchange.stream().chunk({ content: LONG }),
    (exchange) => exchange.chunk({ content: MORE }, "stop").end(),
  );
  const id = await post("resumes", "Hello");
  await held.started;
  await follow("resumes", id, (events) => events.length > 0);
  held.release();
  await world.gateway.waitForLog("end of the turn", ({ delivery_id }) => delivery_id === id);
  expect((await follow("resumes", id)).at(-1)).toEqual({ outcome: "ok", text: LONG + MORE });
  expect(slow.requests).toHaveLength(1);
});

test("the runtime ends in the middle: the answer is made anew, once, and followed", async () => {
  const held = slow.hold((exchange) => exchange.stream().chunk({ content: LONG }));
  const id = await post("crash", "Hello");
  await held.started;
  await follow("crash", id, (events) => events.length > 0);
  await world.gateway.kill();
  await expect(get("crash", id)).rejects.toThrow();
  slow.script(chatAnswer("after the crash"));
  await world.gateway.restart();
  expect((await follow("crash", id)).at(-1)).toEqual({ outcome: "ok", text: "after the crash" });
  // What was finished before a crash is there after it.
  await world.gateway.kill();
  await world.gateway.restart();
  expect(await follow("crash", id)).toEqual([{ outcome: "ok", text: "after the crash" }]);
  // Posted again by somebody who saw no answer to it, it is one message.
  await post("crash", "Hello", id);
  expect(slow.requests).toHaveLength(2);
});

test("/stop ends an answer at once, and what was written of it stays", async () => {
  const held = slow.hold((exchange) => exchange.stream().chunk({ content: LONG }));
  const id = await post("stops", "Hello");
  const { closed } = await held.started;
  await follow("stops", id, (events) => events.length > 0);
  const waiting = await post("stops", "And this waits");
  expect(await ask("stops", "/stop")).toMatchObject({ outcome: "command" });
  await closed;
  const stopped = (await follow("stops", id)).at(-1);
  expect(stopped).toEqual({ outcome: "stopped", text: `${LONG}\n\n*Stopped.*` });
  expect((await follow("stops", waiting)).at(-1)).toEqual({ outcome: "stopped", text: "Stopped." });
});

test("commands are answered as in a chat, and one that asks by the answer to its question", async () => {
  expect((await ask("commands", "/whoami"))?.text).toContain("Session: `agent:main:cli:dm:commands`");
  slow.script(chatAnswer("the first"));
  expect(await ask("commands", "/new What is it?")).toEqual({ outcome: "ok", text: "the first" });
  slow.script(chatAnswer("the second"));
  expect(await ask("commands", "/retry")).toEqual({ outcome: "ok", text: "the second" });
  expect(slow.requests.at(-1)?.messages).toEqual([{ role: "user", content: "What is it?" }]);
  expect(await ask("commands", "/status")).toMatchObject({
    outcome: "command",
    text: expect.stringContaining("slow-model"),
  });
});

describe("model, base_url and key belong together", () => {
  const asked = async (session: string, text = "Hello") => {
    slow.clear();
    other.clear();
    await ask(session, text);
    return [slow, other].flatMap((endpoint) =>
      endpoint.requests.map(({ model, key }) => ({
        endpoint,
        model,
        key,
      })),
    );
  };
  test("those of the model block", async () => {
    expect(await asked("base")).toEqual([{ endpoint: slow, model: "slow-model", key: "key-of-base" }]);
  });
  test("those of a route", async () => {
    expect(await asked("routed")).toEqual([{ endpoint: other, model: "routed-model", key: "key-of-route" }]);
  });
  test("those of what /model chose", async () => {
    await ask("chosen", "/model elsewhere");
    expect(await asked("chosen")).toEqual([{ endpoint: other, model: "chosen-model", key: "key-of-other" }]);
  });
  test("those of the model block, where a route's secret is not set", async () => {
    expect(await asked("lacks")).toEqual([{ endpoint: slow, model: "slow-model", key: "key-of-base" }]);
  });
});

test("what other platforms have buttons for, the text says", async () => {
  expect((await ask("buttons", "/model"))?.text).toMatch(/\/model NAME|elsewhere/);
});

test("a failure says what it is", async () => {
  slow.script(({ head }) => head(401).end());
  expect(await ask("fails", "Hello")).toMatchObject({
    outcome: "unauthorized",
    text: expect.stringMatching(/\w/),
  });
});

test("sessions are apart, and everybody who holds the token is the owner", async () => {
  await ask("one", "My name is Ann");
  await ask("two", "Hello");
  expect(slow.requests.at(-1)?.messages).toEqual([{ role: "user", content: "Hello" }]);
  const line = await world.gateway.waitForLog("turn", ({ session }) => session === "agent:main:cli:dm:two");
  expect(line).toMatchObject({ platform: "cli", source_kind: "owner" });
});

describe("what is not known is 404, and leaves nothing behind", () => {
  test.each([
    ["session=nobody&delivery_id=1", "a session that never was"],
    ["session=one&delivery_id=nothing", "a message that never was"],
    ["session=../x&delivery_id=1", "no name"],
    ["", "nothing"],
  ])("%s", async (query) => {
    const response = await world.gateway.fetch(`/webhooks/cli?${query}`, { headers });
    expect([response.status, await response.json()]).toEqual([404, { error: "no such message" }]);
    expect(
      await world.gateway.sql(
        "agent:main:cli:dm:nobody",
        "SELECT name FROM sqlite_master WHERE name = 'exchanges'",
      ),
    ).toEqual([]);
  });
});

test("whoever stops following leaves the answer and the log as they would be", async () => {
  const held = slow.hold(undefined, (exchange) => exchange.chunk({ content: "late" }, "stop").end());
  const id = await post("leaves", "Hello");
  await held.started;
  const cut = new AbortController();
  await get("leaves", id, { signal: cut.signal });
  cut.abort();
  held.release();
  expect((await follow("leaves", id)).at(-1)).toEqual({ outcome: "ok", text: "late" });
  expect(world.gateway.logs.filter(({ level, event }) => level === "error" && event !== "turn")).toEqual([]);
});
