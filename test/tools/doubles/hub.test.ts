import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";
import { type LocalServer, serveApp } from "../../../tools/lib/serve.ts";

let hub: HubDouble;
let receiver: LocalServer;
let received: unknown[];
let receiverStatus: number;

beforeEach(async () => {
  hub = await startHub();
  received = [];
  receiverStatus = 200;
  const app = new Hono().post("*", async (c) => {
    received.push({ headers: c.req.header(), body: await c.req.json() });
    return new Response(null, { status: receiverStatus });
  });
  receiver = await serveApp(app);
});
afterEach(async () => {
  await Promise.all([hub.stop(), receiver.close()]);
});

const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(hub.url + path, init);
  const body: unknown = await response.json();
  return { status: response.status, body };
};
const json = (method: string, body: unknown): RequestInit => ({ method, body: JSON.stringify(body) });

describe("registering", () => {
  test("gives a secret of 43 characters once, and a welcome in the inbox", async () => {
    expect(await hub.register("argus")).toMatch(/^[\w-]{43}$/);
    expect(hub.inbox("argus")).toMatchObject([{ id: "welcome-argus", from: "brain", read: false }]);
    expect(await ask("/agents/register", json("POST", { agent_id: "argus" }))).toMatchObject({ status: 409 });
    expect(await ask("/agents/register", json("POST", { agent_id: "a/b" }))).toMatchObject({ status: 400 });
    expect(await ask("/agents/register", json("POST", {}))).toMatchObject({ status: 400 });
  });

  test("a callback URL is tried when it is changed, kept even if it fails, and shown to anybody", async () => {
    const secret = await hub.register("argus");
    const patch = (callback_url: string, presented = secret) =>
      ask("/agents/argus", json("PATCH", { secret: presented, callback_url }));
    expect(await patch(receiver.url, "wrong")).toMatchObject({ status: 403 });
    expect(await patch(receiver.url)).toEqual({ status: 200, body: { ok: true, updated: ["callback_url"] } });
    expect(received).toMatchObject([
      { body: { type: "callback_test", from: "hub", message: "Callback verification test" } },
    ]);
    receiverStatus = 401;
    expect(JSON.stringify(await patch(`${receiver.url}/hook?token=t0ken`))).toContain("WARNING");
    expect(JSON.stringify(await ask("/hub/analytics"))).toContain("/hook?token=t0ken");
    expect(await ask("/agents/nobody", json("PATCH", { secret }))).toMatchObject({ status: 404 });
  });
});

describe("sending", () => {
  beforeEach(async () => {
    await hub.register("argus", { callback_url: `${receiver.url}/hook` });
    await hub.register("brisk");
  });

  test("asks registered senders for their secret, and others for nothing", async () => {
    const send = (from: string, secret?: string | null, to = "brisk") =>
      hub.send({ from, to, message: "hi", ...(secret !== undefined && { secret }) });
    expect(await send("argus", null)).toMatchObject({ status: 401 });
    expect(await send("argus", "wrong")).toMatchObject({ status: 403 });
    expect(await send("argus")).toMatchObject({ status: 200 });
    expect(await send("anybody at all")).toMatchObject({ status: 200 });
    expect(await send("argus", undefined, "nobody")).toMatchObject({ status: 404 });
    expect(await ask("/agents/brisk/message", json("POST", { from: "x" }))).toMatchObject({ status: 400 });
    expect(await ask("/agents/brisk/message", json("POST", { message: "x" }))).toMatchObject({ status: 400 });
  });

  test("calls back while the sender waits, with the entry, unsigned", async () => {
    const { body } = await hub.send({ from: "brisk", to: "argus", message: "hi" });
    expect(body).toMatchObject({
      ok: true,
      delivered_to_inbox: true,
      callback_status: 200,
      delivery_state: "callback_ok_inbox_delivered",
    });
    expect(received).toEqual([
      {
        headers: expect.not.objectContaining({ authorization: expect.anything() }),
        body: {
          id: body.message_id,
          from: "brisk",
          message: "hi",
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
          read: false,
          priority: expect.any(Object),
        },
      },
    ]);
    expect(hub.inbox("argus").at(-1)).toMatchObject({ id: body.message_id, read: false });
  });

  test("a failed callback is a 200 that tells the sender where it went", async () => {
    receiverStatus = 503;
    expect((await hub.send({ from: "brisk", to: "argus", message: "hi" })).body).toMatchObject({
      callback_status: 503,
      delivery_state: "callback_failed_inbox_delivered",
    });
    await receiver.close();
    const { status, body } = await hub.send({ from: "brisk", to: "argus", message: "hi" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ callback_status: "failed", delivered_to_inbox: true });
    expect(body.callback_error).toContain("/hook");
  });

  test("a message that Hub cannot print is stored, and its sender reads a 500", async () => {
    for (const message of [7, { a: 1 }, true, "half a pair: \ud83d"]) {
      expect(await hub.send({ from: "brisk", to: "argus", message })).toMatchObject({ status: 500 });
    }
    expect(received).toEqual([]);
    expect(hub.inbox("argus").slice(1)).toMatchObject([
      { message: 7 },
      { message: { a: 1 } },
      { message: true },
      { message: "half a pair: \ud83d" },
    ]);
    expect(await hub.send({ from: "brisk", to: "argus", message: ["a list"] })).toMatchObject({
      status: 200,
    });
    expect(await hub.send({ from: "brisk", to: "argus", message: {} })).toMatchObject({ status: 400 });
  });

  test("an announcement and a broadcast are in every other inbox, and nobody is called back", async () => {
    await hub.announce("brisk", "https://brisk.example/health");
    const secret = hub.env("brisk").HUB_AGENT_SECRET;
    const body = { from: "brisk", secret, type: "news", payload: { a: 1 } };
    expect(await ask("/broadcast", json("POST", body))).toMatchObject({ body: { delivered_to: ["argus"] } });
    const [announcement, news] = hub.inbox("argus").slice(1);
    expect(announcement).toMatchObject({ from: "brisk", read: false, is_announcement: true });
    expect(JSON.parse(String(announcement?.message))).toMatchObject({
      type: "endpoint_announcement",
      endpoint: "https://brisk.example/health",
    });
    expect(news).toMatchObject({ from: "brisk", is_broadcast: true });
    expect(JSON.parse(String(news?.message))).toMatchObject({ type: "broadcast", payload: { a: 1 } });
    expect(hub.inbox("brisk")).toHaveLength(1);
    expect(received).toEqual([]);
    const forged = { from: "brisk", secret: "wrong", endpoint: "https://brisk.example" };
    expect(await ask("/announce", json("POST", forged))).toMatchObject({ status: 403 });
  });

  test("a message says how its sender is rated", async () => {
    await hub.send({ from: "brisk", to: "argus", message: "hi" });
    hub.rate("brisk", "quarantine");
    await hub.send({ from: "brisk", to: "argus", message: "hi" });
    expect(hub.inbox("argus").slice(1)).toMatchObject([
      { priority: { level: "normal", state: "UNKNOWN" } },
      { priority: { level: "quarantine", state: "ANOMALOUS_HIGH" } },
    ]);
  });

  test("callbacks can be lost, and requests can fail, done or not", async () => {
    hub.dropCallbacks(true);
    await hub.send({ from: "brisk", to: "argus", message: "lost" });
    expect(received).toEqual([]);
    hub.failNext(1, 502);
    expect(await hub.send({ from: "brisk", to: "argus", message: "refused" })).toMatchObject({ status: 502 });
    hub.failNext(1, 502, { processed: true });
    expect(await hub.send({ from: "brisk", to: "argus", message: "done" })).toMatchObject({ status: 502 });
    expect(hub.messagesTo("argus").map(({ message }) => message)).toEqual(["lost", "done"]);
    expect(hub.sentBy("brisk")).toHaveLength(2);
    await expect(hub.waitForMessageTo("argus", ({ message }) => message === "done")).resolves.toMatchObject({
      from: "brisk",
    });
  });
});
