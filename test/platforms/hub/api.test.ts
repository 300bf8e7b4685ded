import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addressProblem, hubClient, type InboxQuery } from "../../../src/platforms/hub/api.ts";
import type { Standing } from "../../../src/platforms/hub/entries.ts";
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

const client = (changes: Record<string, string> = {}) =>
  hubClient(envWith({ ...hub.env("talaria"), ...changes }));
const lines = () => hub.requests.slice(2).map(({ method, path }) => `${method} ${path}`);

/** What a reading of the inbox gives, and all that it handed on. */
async function list(which: InboxQuery, changes: Record<string, string> = {}) {
  const values: unknown[] = [];
  const result = await client(changes).list(which, ({ value }) => values.push(value));
  return { result, values };
}
/** The same from a server that answers with these pieces. */
async function listFrom(pieces: readonly string[], options: { readonly cut?: boolean } = {}) {
  const other = await serve(async (_request, response) => {
    for (const piece of pieces) {
      if (response.destroyed) return;
      await new Promise((resolve) => response.write(piece, resolve));
    }
    if (options.cut) response.destroy();
    else response.end();
  });
  const listed = await list("unread", { HUB_BASE_URL: other.url });
  await other.close();
  return listed;
}

describe("the inbox", () => {
  test("is read without marking anything read, with the secret in the header and in no URL", async () => {
    await hub.send({ from: "argus", to: "talaria", message: "hi" });
    const { result, values } = await list("unread");
    expect(result).toMatchObject({ ok: true, value: { end: "whole" } });
    expect(values).toMatchObject([{ id: "welcome-talaria" }, { message: "hi" }]);
    expect(hub.inbox("talaria").map(({ read }) => read)).toEqual([false, false]);
    const { HUB_AGENT_SECRET: secret = "" } = hub.env("talaria");
    const call = hub.requests.at(-1);
    expect(call?.headers["x-agent-secret"]).toBe(secret);
    expect(JSON.stringify([call?.path, call?.query])).not.toContain(secret);
  });

  test("is marked read as a whole by the same request that tells what was marked", async () => {
    await hub.send({ from: "argus", to: "talaria", message: "hi" });
    expect((await list("mark_all")).values).toHaveLength(2);
    expect(hub.inbox("talaria").map(({ read }) => read)).toEqual([true, true]);
    expect((await list("unread")).values).toEqual([]);
    expect((await list("all")).values).toHaveLength(2);
  });

  test("is found with a slash at the end of HUB_BASE_URL too", async () => {
    expect((await list("unread", { HUB_BASE_URL: `${hub.url}/` })).result).toMatchObject({ ok: true });
  });

  test.each([502, 403])("that Hub answers %i for is asked for once", async (status) => {
    hub.failNext(1, status);
    expect((await list("unread")).result).toEqual({ ok: false, error: { reason: "refused", status } });
    expect(lines()).toHaveLength(1);
  });

  test("that is something else is an error, not an empty inbox", async () => {
    const { result } = await listFrom(["<html>maintenance</html>"]);
    expect(result).toEqual({ ok: false, error: { reason: "malformed" } });
  });

  test("that breaks off is read as far as it comes", async () => {
    const { result, values } = await listFrom(['{"messages": [{"id": "a"}, {"id"'], { cut: true });
    expect(result).toMatchObject({ ok: true, value: { end: "broken" } });
    expect(values).toEqual([{ id: "a" }]);
  });

  test("of 160 MB is read to its limit, and what comes of it is not held in memory", async () => {
    const piece = `{"id": "a", "message": "${"x".repeat(4_000_000)}"},`;
    const { result, values } = await listFrom(['{"messages": [', ...Array<string>(40).fill(piece)]);
    expect(result).toMatchObject({ ok: true, value: { end: "limit" } });
    expect(values.length).toBeGreaterThan(30);
    expect(values[0]).toEqual({ id: "a", message: "" });
  });

  test("of 160 MB without a list in it is given up", async () => {
    const { result } = await listFrom(Array<string>(40).fill("x".repeat(4_000_000)));
    expect(result).toEqual({ ok: false, error: { reason: "too_large" } });
  });
});

test("an address where nothing listens is unreachable, and the error names no URL", async () => {
  const gone = await serve(async () => {});
  await gone.close();
  expect((await list("unread", { HUB_BASE_URL: gone.url })).result).toEqual({
    ok: false,
    error: { reason: "unreachable" },
  });
});

describe("an address", () => {
  test.each(["https://hub.example/oc/brain", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]"])(
    "%s may be called",
    (address) => expect(addressProblem(address)).toBe(null),
  );

  test.each([
    "http://hub.example/oc/brain",
    "http://10.0.0.1",
    "ftp://hub.example",
    "https://a:b@hub.example",
    "hub",
    "",
  ])("%j may not, and nothing is sent to it", async (address) => {
    expect(addressProblem(address)).not.toBe(null);
    const fetched = vi.spyOn(globalThis, "fetch");
    const { lookUp, markRead, send, directory, conversation } = client({ HUB_BASE_URL: address });
    const results = [
      (await list("unread", { HUB_BASE_URL: address })).result,
      await lookUp("argus"),
      await markRead("a"),
      await send("argus", "hi"),
      await directory(() => {}),
      await conversation("argus", () => {}),
    ];
    for (const result of results) expect(result).toEqual({ ok: false, error: { reason: "bad_address" } });
    expect(fetched).not.toHaveBeenCalled();
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
  const redirected = { HUB_BASE_URL: front.url };
  expect((await list("unread", redirected)).result).toMatchObject({ ok: false, error: { status: 302 } });
  expect(await client(redirected).send("argus", "hi")).toMatchObject({ ok: false, error: { status: 302 } });
  expect(reached).toBe(0);
  await Promise.all([other.close(), front.close()]);
});

test("a request that the runtime would not send is told apart: it did not happen", async () => {
  vi.spyOn(globalThis, "fetch").mockRejectedValue(
    new Error("Too many subrequests by single Worker invocation."),
  );
  expect(await client().send("argus", "hi")).toEqual({ ok: false, error: { reason: "not_sent" } });
  expect((await list("mark_all")).result).toEqual({ ok: false, error: { reason: "not_sent" } });
});

test("the directory tells of every agent what a look-up would", async () => {
  const found = new Map<string, Standing>();
  const read = await client().directory((name, standing) => found.set(name, standing));
  expect(read).toMatchObject({ ok: true, value: { end: "whole" } });
  expect([...found.keys()]).toEqual(["talaria", "argus"]);
  expect({ ok: true, value: found.get("argus") }).toEqual(await client().lookUp("argus"));
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
    hub.failNext(1, 502);
    expect(await client().lookUp("argus")).toMatchObject({ ok: false, error: { status: 502 } });
    expect(lines()).toEqual(["GET /agents/argus"]);
  });

  test("stays open when what Hub says is too long", async () => {
    const other = await serve(async (_request, response) => {
      response.end(JSON.stringify({ agent_id: "argus", description: "x".repeat(70_000) }));
    });
    expect(await client({ HUB_BASE_URL: other.url }).lookUp("argus")).toMatchObject({
      ok: false,
      error: { reason: "too_large" },
    });
    await other.close();
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
