import { expect, test } from "vitest";
import { readBody } from "../../src/lib/body.ts";
import { parseJson } from "../../src/lib/json.ts";

const LIMIT = 1024 * 1024;

function streamed(chunks: number, onPull: () => void): Request {
  let left = chunks;
  const body = new ReadableStream({
    pull(controller) {
      onPull();
      if (left-- > 0) controller.enqueue(new Uint8Array(64 * 1024));
      else controller.close();
    },
  });
  return new Request("http://gateway.test/", { method: "POST", body, duplex: "half" } as RequestInit);
}

test("a body at the limit is read whole", async () => {
  const body = new Uint8Array(LIMIT).fill(32);
  const read = await readBody(new Request("http://gateway.test/", { method: "POST", body }), LIMIT);
  expect(read.end).toBe("whole");
  expect(read.bytes.byteLength).toBe(LIMIT);
});

test("of a body over the limit the beginning is read, whatever its length header says, and no more", async () => {
  let pulls = 0;
  const read = await readBody(
    streamed(1_000, () => pulls++),
    LIMIT,
  );
  expect(read.end).toBe("limit");
  expect(read.bytes.byteLength).toBe(LIMIT);
  expect(pulls).toBeLessThan(25);
});

test("a length header over the limit is refused before reading", async () => {
  const request = new Request("http://gateway.test/", {
    method: "POST",
    headers: { "content-length": String(LIMIT + 1) },
    body: "{}",
  });
  expect(await readBody(request, LIMIT)).toEqual({ bytes: new Uint8Array(), end: "limit" });
});

test("a connection that breaks, or a caller that gives up, leaves the beginning", async () => {
  const broken = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(3));
      controller.error(new Error("lost"));
    },
  });
  expect((await readBody(new Response(broken), LIMIT)).end).toBe("broken");

  const caller = new AbortController();
  const silent = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([1, 2])) });
  const reading = readBody(new Response(silent), LIMIT, caller.signal);
  setTimeout(() => caller.abort(), 1);
  expect(await reading).toEqual({ bytes: new Uint8Array([1, 2]), end: "broken" });
});

test("no body is an empty one", async () => {
  expect(await readBody(new Response(null), LIMIT)).toEqual({ bytes: new Uint8Array(), end: "whole" });
});

test("what is not JSON in UTF-8 is no JSON", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(parseJson(bytes('{"a":1}'))).toEqual({ a: 1 });
  expect(parseJson(bytes("null"))).toBeNull();
  expect(parseJson(bytes("{"))).toBeUndefined();
  expect(parseJson("[1")).toBeUndefined();
  expect(parseJson(new Uint8Array([0x22, 0xff, 0x22]))).toBeUndefined();
});
