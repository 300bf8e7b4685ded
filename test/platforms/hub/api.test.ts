import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hubClient } from "../../../src/platforms/hub/api.ts";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";
import { serve } from "../../../tools/lib/serve.ts";
import { envWith, fixture } from "./setup.ts";

let hub: HubDouble;
beforeEach(async () => {
  hub = await startHub();
  await hub.register("talaria");
  await hub.register("argus");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await hub.stop();
});

const client = (changes: Record<string, string> = {}, get_retry_waits_ms = [1, 1, 1, 1]) =>
  hubClient(envWith({ ...hub.env("talaria"), ...changes }), { get_retry_waits_ms });
const lines = () => hub.requests.slice(2).map(({ method, path }) => `${method} ${path}`);

describe("the inbox", () => {
  test("is read without marking anything read, with the secret in the header and in no URL", async () => {
    await hub.send({ from: "argus", to: "talaria", message: "hi" });
    const unread = await client().unread();
    expect(unread).toMatchObject({ ok: true, value: [{ id: "welcome-talaria" }, { message: "hi" }] });
    expect(hub.inbox("talaria").map(({ read }) => read)).toEqual([false, false]);
    const { HUB_AGENT_SECRET: secret = "" } = hub.env("talaria");
    const call = hub.requests.at(-1);
    expect(call?.headers["x-agent-secret"]).toBe(secret);
    expect(JSON.stringify([call?.path, call?.query])).not.toContain(secret);
  });

  test("is found with a slash at the end of HUB_BASE_URL too", async () => {
    expect(await client({ HUB_BASE_URL: `${hub.url}/` }).unread()).toMatchObject({ ok: true });
  });

  test("is asked for again after each 502, four times at most", async () => {
    hub.failNext(4, 502);
    expect(await client().unread()).toMatchObject({ ok: true });
    expect(lines()).toHaveLength(5);
    hub.failNext(5, 502);
    expect(await client().unread()).toMatchObject({ ok: false, error: { reason: "refused", status: 502 } });
    expect(lines()).toHaveLength(10);
  });

  test("is not asked for again when the secret is wrong", async () => {
    const unread = await client({ HUB_AGENT_SECRET: "wrong" }).unread();
    expect(unread).toMatchObject({ ok: false, error: { reason: "refused", status: 403 } });
    expect(lines()).toHaveLength(1);
  });

  test("that is something else is an error, not an empty inbox", async () => {
    const other = await serve(async (_request, response) => {
      response.end("<html>maintenance</html>");
    });
    expect(await client({ HUB_BASE_URL: other.url }).unread()).toEqual({
      ok: false,
      error: { reason: "malformed" },
    });
    await other.close();
  });

  test("beyond 16 MB is not read to its end", async () => {
    const endless = await serve(async (_request, response) => {
      const piece = "x".repeat(1_000_000);
      for (let i = 0; i < 40 && !response.destroyed; i++) response.write(piece);
      response.end();
    });
    expect(await client({ HUB_BASE_URL: endless.url }).unread()).toMatchObject({
      ok: false,
      error: { reason: "too_large" },
    });
    await endless.close();
  });
});

test("an address where nothing listens is unreachable, and the error names no URL", async () => {
  const gone = await serve(async () => {});
  await gone.close();
  expect(await client({ HUB_BASE_URL: gone.url }).unread()).toEqual({
    ok: false,
    error: { reason: "unreachable" },
  });
});

test("a redirect is not followed, so that no other host sees the secret", async () => {
  let reached = 0;
  const other = await serve(async (_request, response) => {
    reached++;
    response.end("{}");
  });
  const front = await serve(async (_request, response) => {
    response.writeHead(302, { location: other.url }).end();
  });
  const { HUB_BASE_URL: _, ...rest } = hub.env("talaria");
  const redirected = hubClient(envWith({ ...rest, HUB_BASE_URL: front.url }));
  expect(await redirected.unread()).toMatchObject({ ok: false, error: { status: 302 } });
  expect(await redirected.send("argus", "hi")).toMatchObject({ ok: false, error: { status: 302 } });
  expect(reached).toBe(0);
  await Promise.all([other.close(), front.close()]);
});

describe("who a name is", () => {
  test("registered, and since when; or not", async () => {
    const before = Date.now();
    await hub.register("late");
    const late = await client().lookUp("late");
    if (!late.ok || !late.value.registered) throw new Error("late is registered");
    expect(late.value.since).toBeGreaterThanOrEqual(before);
    expect(late.value.since).toBeLessThanOrEqual(Date.now());
    expect(await client().lookUp("nobody")).toEqual({ ok: true, value: { registered: false } });
  });

  test.each(["../agents/argus", "argus/messages", "..", "a?b", ""])("%j is nobody, unasked", async (name) => {
    expect(await client().lookUp(name)).toEqual({ ok: true, value: { registered: false } });
    expect(lines()).toEqual([]);
  });

  test("a name that is a path of Hub's own is nobody's", async () => {
    expect(await client().lookUp("match")).toEqual({ ok: true, value: { registered: false } });
  });

  test.each([
    ["a page of Hub's front", 200, "<html>maintenance</html>"],
    ["a challenge of its firewall", 403, "{}"],
    ["a redirect", 302, "{}"],
  ])("stays open with %s", async (_name, status, body) => {
    const other = await serve(async (_request, response) => {
      response.writeHead(status, { location: hub.url }).end(body);
    });
    expect(await client({ HUB_BASE_URL: other.url }).lookUp("argus")).toMatchObject({ ok: false });
    await other.close();
  });

  test("another agent's page is not this name's", async () => {
    const other = await serve(async (_request, response) => {
      response.end('{"agent_id":"somebody-else"}');
    });
    expect(await client({ HUB_BASE_URL: other.url }).lookUp("argus")).toEqual({
      ok: true,
      value: { registered: false },
    });
    await other.close();
  });

  test("stays open when Hub cannot say", async () => {
    hub.failNext(9, 502);
    expect(await client().lookUp("argus")).toMatchObject({ ok: false, error: { status: 502 } });
    expect(lines()).toEqual(["GET /agents/argus", "GET /agents/argus"]);
  });
});

describe("marking read", () => {
  test("marks the one entry", async () => {
    const { id } = fixture("direct-message");
    hub.put("talaria", fixture("direct-message"));
    expect(await client().markRead(String(id))).toEqual({ ok: true, value: null });
    expect(hub.inbox("talaria").map(({ read }) => read)).toEqual([false, true]);
  });

  test("an entry that is gone is read; other failures are told, and not tried again", async () => {
    expect(await client().markRead("gone")).toEqual({ ok: true, value: null });
    hub.failNext(1, 502);
    expect(await client().markRead("welcome-talaria")).toMatchObject({ ok: false });
    expect(lines()).toHaveLength(2);
  });
});
