import { fail, ok, type Result } from "./result.ts";

/** No platform sends more; the runtime itself would let 100 MB through into a 128 MB isolate. */
export const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Reads the body of a request or a response, and stops reading once it is over the limit, whatever
 * Content-Length says.
 */
export async function readBody(
  source: Pick<Request | Response, "headers" | "body" | "arrayBuffer">,
  limit = MAX_BODY_BYTES,
): Promise<Result<Uint8Array<ArrayBuffer>, "too_large">> {
  const { headers, body: stream } = source;
  const length = headers.get("content-length");
  if (Number(length ?? 0) > limit) return fail("too_large");
  // HTTP delivers no more than Content-Length says, unless what it says is the length before decompression.
  if (length !== null && !headers.has("content-encoding")) {
    return ok(new Uint8Array(await source.arrayBuffer()));
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = stream?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      return fail("too_large");
    }
    parts.push(value);
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    body.set(part, offset);
    offset += part.byteLength;
  }
  return ok(body);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** A body as JSON, or undefined where it is none (JSON itself has no undefined). */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    return undefined;
  }
}
