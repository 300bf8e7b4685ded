import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { exports, env as workerEnv } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Env } from "../../src/env.ts";
import { inboxOf } from "../../src/platforms/hub/webhook.ts";
import { Peers } from "../../src/sessions/peers.ts";
import { hubApp } from "../../tools/doubles/hub-app.ts";
import { HubStore, naiveTime } from "../../tools/doubles/hub-store.ts";

const HUB = "https://hub.test/oc/brain";
const MONTH_AGO = naiveTime(Date.now() - 30 * 24 * 60 * 60_000);
const env = workerEnv as Env & Record<string, unknown>;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: { readonly [name: string]: string };
}

let store: HubStore;
let agent: string;
let calls: Call[];
/** What the double does before it answers: hold the request, or fail it. */
let before: (call: Call, request: Request) => Promise<Response | undefined>;
let agents = 0;
let secrets: Record<string, string | undefined>;

beforeEach(async () => {
  store = new HubStore();
  agent = `talaria-${++agents}`;
  store.register(agent, null);
  for (const peer of ["argus", "brisk"]) store.register(peer, null).registered_at = MONTH_AGO;
  calls = [];
  before = async () => undefined;
  secrets = { HUB_BASE_URL: HUB, HUB_AGENT_ID: agent, HUB_AGENT_SECRET: store.agent(agent)?.secret };
  Object.assign(env, secrets);
  await configure();
  // When a talk with a peer is over is test/e2e/peer-loop.test.ts's: here all that arrives is answered.
  vi.spyOn(Peers.prototype, "hushes").mockReturnValue(false);
  vi.spyOn(Peers.prototype, "answered").mockReturnValue(true);
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.slice("/oc/brain".length);
    const call: Call = { method: request.method, path, query: Object.fromEntries(searchParams) };
    calls.push(call);
    return (await before(call, request)) ?? answerHub(request);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** What Hub does with a request, and answers. */
async function answerHub(request: Request): Promise<Response> {
  const app = hubApp(store, async () => ({ status: 200, error: null }));
  return new Hono().route("/oc/brain", app).fetch(request);
}

/** Each object gets a copy of the environment when it starts. */
const configure = () =>
  runInDurableObject(inboxOf(env), (object) => Object.assign(Reflect.get(object, "env"), secrets));
const restart = async () => {
  await evictDurableObject(inboxOf(env));
  await configure();
};
const looks = () => calls.filter(({ method, path }) => method === "GET" && path.endsWith("/messages"));
const say = (from: string, message: string) => store.put(agent, { from, message });
const sent = (to: string) =>
  store.sent
    .filter((message) => message.to === to)
    .map(({ entry }) => String(entry.message).split(" ").at(-1));
const unread = () => store.inbox(agent).filter(({ read }) => !read);

test("a callback makes the gateway read its inbox, and the peer gets its answer", async () => {
  say("argus", "hello");
  const callback = { from: "argus", message: "not what the inbox says" };
  const response = await exports.default.fetch(
    new Request("https://gateway.test/webhooks/hub", { method: "POST", body: JSON.stringify(callback) }),
  );
  expect(response.status).toBe(200);
  await vi.waitFor(() => expect(sent("argus")).toEqual(["hello"]));
  await vi.waitFor(() => expect(unread()).toEqual([]));
});

test("a flood of hints makes one look now and one after the pause", async () => {
  const inbox = inboxOf(env);
  await Promise.all(Array.from({ length: 50 }, () => inbox.hint()));
  await vi.waitFor(() => expect(looks()).toHaveLength(1));
  await inbox.sweep();
  const seen = looks().length;
  expect(seen).toBeLessThanOrEqual(2);
  for (let i = 0; i < 50; i++) await inbox.hint();
  expect(looks()).toHaveLength(seen);
  expect(await runDurableObjectAlarm(inbox)).toBe(true);
  expect(looks()).toHaveLength(seen + 1);
  expect(await runDurableObjectAlarm(inbox)).toBe(false);
});

test("a hint during a look makes exactly one more, which finds what came meanwhile", async () => {
  const inbox = inboxOf(env);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  say("argus", "one");
  before = async (call) => {
    if (call.path === "/agents/argus") await held;
    return undefined;
  };
  await inbox.hint();
  await vi.waitFor(() => expect(calls.at(-1)?.path).toBe("/agents/argus"));
  say("brisk", "two");
  for (let i = 0; i < 10; i++) await inbox.hint();
  const joined = inbox.sweep();
  expect(looks()).toHaveLength(1);
  release();
  await joined;
  expect(sent("brisk")).toEqual([]);
  await vi.waitFor(async () => expect(await runDurableObjectAlarm(inbox)).toBe(true));
  await vi.waitFor(() => expect(sent("brisk")).toEqual(["two"]));
  expect(looks()).toHaveLength(2);
});

test("the sweep finds what a lost callback left, and answers it once", async () => {
  await inboxOf(env).sweep();
  for (const text of ["one", "two", "three"]) say("argus", text);
  await Promise.all([inboxOf(env).sweep(), inboxOf(env).sweep()]);
  await inboxOf(env).sweep();
  await vi.waitFor(() => expect(sent("argus")).toEqual(["one", "two", "three"]));
  expect(unread()).toEqual([]);
});

test("what cannot be marked read is answered once, also after the object was evicted", async () => {
  say("argus", "hello");
  let failing = true;
  before = async (call) =>
    failing && call.path.endsWith("/read") ? new Response(null, { status: 502 }) : undefined;
  await inboxOf(env).sweep();
  await vi.waitFor(() => expect(sent("argus")).toEqual(["hello"]));
  await restart();
  const lookedUp = calls.filter(({ path }) => path === "/agents/argus").length;
  failing = false;
  await inboxOf(env).sweep();
  expect(unread()).toEqual([]);
  // It was not even looked at again: the object remembered it.
  expect(calls.filter(({ path }) => path === "/agents/argus")).toHaveLength(lookedUp);
});

test("a message that Hub shows again after it was answered is not answered again", async () => {
  const entry = say("argus", "hello");
  await inboxOf(env).sweep();
  entry.read = false;
  await inboxOf(env).sweep();
  await vi.waitFor(() => expect(sent("argus")).toEqual(["hello"]));
  expect(unread()).toEqual([]);
});

test("the first look passes over a backlog, whatever becomes of marking it, and there is only one", async () => {
  const old = naiveTime(Date.now() - 11 * 60_000);
  store.put(agent, { from: "argus", message: "long ago", timestamp: old });
  before = async (call) => (call.path.endsWith("/read") ? new Response(null, { status: 502 }) : undefined);
  await inboxOf(env).sweep();
  await restart();
  before = async () => undefined;
  say("argus", "fresh");
  await inboxOf(env).sweep();
  await vi.waitFor(() => expect(sent("argus")).toEqual(["fresh"]));
  expect(unread()).toEqual([]);
});

test("a Hub that is away is asked again by the next sweep, and loses nothing", async () => {
  say("argus", "hello");
  before = async () => new Response(null, { status: 403 });
  await inboxOf(env).sweep();
  expect(unread()).toHaveLength(2);
  before = async () => undefined;
  await inboxOf(env).sweep();
  await vi.waitFor(() => expect(sent("argus")).toEqual(["hello"]));
});

test("more than one look's share is worked off, in order, without another callback", async () => {
  const numbers = Array.from({ length: 50 }, (_, i) => String(i));
  for (const number of numbers) say("argus", number);
  await inboxOf(env).hint();
  await vi.waitFor(() => expect(sent("argus").length).toBeGreaterThan(10));
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(inboxOf(env));
    expect(sent("argus")).toEqual(numbers);
  });
  await vi.waitFor(() => expect(unread()).toEqual([]));
});

test("an inbox of 18 MB, long look-ups ahead: a peer behind all of it is answered", async () => {
  for (let i = 0; i < 20; i++) {
    store.register(`fat-${i}`, null).registered_at = MONTH_AGO;
    say(`fat-${i}`, "hi");
  }
  for (let i = 0; i < 70; i++) say(`free-${i}`, "x".repeat(256 * 1024));
  say("argus", "hello");
  before = async ({ method, path }) => {
    if (method !== "GET") return undefined;
    if (path === "/agents") return new Response(null, { status: 500 });
    if (!path.startsWith("/agents/fat-")) return undefined;
    return Response.json({ agent_id: path.slice("/agents/".length), description: "x".repeat(70_000) });
  };
  await vi.waitFor(
    async () => {
      await inboxOf(env).sweep();
      expect(sent("argus")).toEqual(["hello"]);
    },
    { timeout: 20_000 },
  );
  await vi.waitFor(async () => {
    await inboxOf(env).sweep();
    expect(unread()).toEqual([]);
  });
}, 30_000);

test("what comes in while all is marked read is answered, also by the object that starts after it", async () => {
  await inboxOf(env).sweep();
  for (const text of ["one", "two", "three", "four"]) say("argus", text);
  let held = false;
  before = async (call, request) => {
    if (call.query.mark_read !== "true" || held) return undefined;
    held = true;
    say("argus", "five");
    await answerHub(request);
    throw new Error("Network connection lost.");
  };
  await inboxOf(env).sweep();
  expect(unread()).toEqual([]);
  await restart();
  await vi.waitFor(async () => expect(await runDurableObjectAlarm(inboxOf(env))).toBe(true));
  await vi.waitFor(() => expect(sent("argus")).toEqual(["one", "two", "three", "four", "five"]));
});

test("an answer that Hub holds while its session's object ends is there once", async () => {
  say("argus", "hello");
  let held = true;
  before = async (call, request) => {
    if (!held || call.method !== "POST" || call.path !== "/agents/argus/message") return undefined;
    await answerHub(request);
    return new Promise(() => {});
  };
  await inboxOf(env).hint();
  await vi.waitFor(() => expect(sent("argus")).toEqual(["hello"]));
  held = false;
  await abortAllDurableObjects();
  const session = env.SESSIONS.getByName("agent:main:hub:dm:hub:argus");
  await runInDurableObject(session, (object) => Object.assign(Reflect.get(object, "env"), secrets));
  await runDurableObjectAlarm(session);
  await vi.waitFor(() => expect(calls.at(-1)?.path).toBe(`/public/conversation/${agent}/argus`));
  say("argus", "and now?");
  await configure();
  await inboxOf(env).sweep();
  await vi.waitFor(() => expect(sent("argus")).toEqual(["hello", "now?"]));
});
