import { fail, ok, type Result } from "../result.ts";

/** No platform sends more; the runtime itself would let 100 MB through into a 128 MB isolate. */
export const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Reads the body of a request or a response, and stops reading once it is over the limit, whatever
 * Content-Length says.
 */
export async function readBody(
  { headers, body: stream }: Pick<Request | Response, "headers" | "body">,
  limit = MAX_BODY_BYTES,
): Promise<Result<Uint8Array<ArrayBuffer>, "too_large">> {
  if (Number(headers.get("content-length") ?? 0) > limit) return fail("too_large");
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

/** A body as JSON, or undefined where it is none (JSON itself has no undefined). */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return undefined;
  }
}
