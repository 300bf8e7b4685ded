import { expect, test } from "vitest";
import { MAX_BODY_BYTES, parseJson, readBody } from "../../src/lib/body.ts";

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
  const body = new Uint8Array(MAX_BODY_BYTES).fill(32);
  const read = await readBody(new Request("http://gateway.test/", { method: "POST", body }));
  expect(read).toMatchObject({ ok: true });
  expect(read.ok && read.value.byteLength).toBe(MAX_BODY_BYTES);
});

test("a body over the limit is refused, whatever its length header says, and not read to its end", async () => {
  let pulls = 0;
  const read = await readBody(streamed(1_000, () => pulls++));
  expect(read).toEqual({ ok: false, error: "too_large" });
  expect(pulls).toBeLessThan(25);
});

test("a length header over the limit is refused before reading", async () => {
  const request = new Request("http://gateway.test/", {
    method: "POST",
    headers: { "content-length": String(MAX_BODY_BYTES + 1) },
    body: "{}",
  });
  expect(await readBody(request)).toEqual({ ok: false, error: "too_large" });
});

test("what is not JSON in UTF-8 is no JSON", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(parseJson(bytes('{"a":1}'))).toEqual({ a: 1 });
  expect(parseJson(bytes("null"))).toBeNull();
  expect(parseJson(bytes("{"))).toBeUndefined();
  expect(parseJson(new Uint8Array([0x22, 0xff, 0x22]))).toBeUndefined();
});
