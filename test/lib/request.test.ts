import { createServer, type RequestListener } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { exchange, refusedByRuntime } from "../../src/lib/request.ts";

const LIMITS = { timeout_ms: 2_000, max_bytes: 100 };
const open: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of open.splice(0)) close();
});

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("an answer, with its status, headers and body", async () => {
  const url = await serving((_, response) => response.writeHead(201, { "x-kind": "new" }).end("made"));
  const answer = await exchange(url, { method: "POST", body: "{}" }, LIMITS);
  if (answer.kind !== "answered") throw new Error(answer.kind);
  expect([answer.status, answer.headers.get("x-kind")]).toEqual([201, "new"]);
  expect([textOf(answer.body.bytes), answer.body.end]).toEqual(["made", "whole"]);
});

test("a redirect is an answer like any other: nobody else sees the request", async () => {
  let seen = 0;
  const elsewhere = await serving((_, response) => {
    seen++;
    response.end();
  });
  const url = await serving((_, response) => response.writeHead(302, { location: elsewhere }).end());
  expect(await exchange(url, {}, LIMITS)).toMatchObject({ kind: "answered", status: 302 });
  expect(seen).toBe(0);
});

test("nothing goes in clear to another machine", async () => {
  const sent = vi.spyOn(globalThis, "fetch");
  expect(await exchange("http://api.example/bot1:token/getMe", {}, LIMITS)).toEqual({
    kind: "lost",
    error: "PlainHttp",
  });
  expect(sent).not.toHaveBeenCalled();
});

test("what never answers is given up, by the limit or by the caller", async () => {
  const url = await serving(() => {});
  expect(await exchange(url, {}, { ...LIMITS, timeout_ms: 20 })).toMatchObject({ kind: "timeout" });
  const caller = new AbortController();
  const waiting = exchange(url, {}, { ...LIMITS, signal: caller.signal });
  caller.abort();
  expect(await waiting).toMatchObject({ kind: "aborted" });
});

test("a connection that cannot be made, and an answer that breaks off or is too long", async () => {
  expect(await exchange("http://127.0.0.1:1", {}, LIMITS)).toMatchObject({ kind: "lost" });
  const breaking = await serving((_, response) => {
    response.writeHead(200, { "content-length": "10" }).write("half");
    setTimeout(() => response.destroy(), 5);
  });
  expect(await exchange(breaking, {}, LIMITS)).toMatchObject({ kind: "answered", body: { end: "broken" } });
  const long = await serving((_, response) => response.end("x".repeat(101)));
  expect(await exchange(long, {}, LIMITS)).toMatchObject({ kind: "answered", body: { end: "limit" } });
});

test("the runtime's own refusal is told from a lost connection", () => {
  expect(refusedByRuntime(new Error("Too many subrequests by single Worker invocation."))).toBe(true);
  expect(refusedByRuntime(new Error("Network connection lost."))).toBe(false);
});
