/** What was read of a body. */
export interface Body {
  /** All of it, or its beginning. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `limit`: there is more than was allowed; `broken`: the connection was lost, or the caller gave up. */
  readonly end: "whole" | "limit" | "broken";
}

/**
 * Reads at most `max_bytes` of the body of a request or a response, whatever its headers say, and drops the
 * rest. Gives up as soon as `signal` aborts. Never throws.
 * @example const body = await readBody(response, 64 * 1024);
 */
export async function readBody(
  source: Pick<Request | Response, "headers" | "body" | "arrayBuffer">,
  max_bytes: number,
  signal?: AbortSignal,
): Promise<Body> {
  const { headers, body: stream } = source;
  const length = headers.get("content-length");
  if (Number(length ?? 0) > max_bytes) {
    // A request's is left alone: its sender would be cut off before it reads why.
    if (source instanceof Response) void stream?.cancel().catch(() => {});
    return { bytes: new Uint8Array(), end: "limit" };
  }
  // A body ends at its Content-Length. Only a compressed one may turn out longer: there the header counts the
  // compressed bytes.
  if (length !== null && !headers.has("content-encoding") && signal === undefined) {
    return source.arrayBuffer().then(
      (buffer) => ({ bytes: new Uint8Array(buffer), end: "whole" }),
      () => ({ bytes: new Uint8Array(), end: "broken" }),
    );
  }
  return stream === null ? { bytes: new Uint8Array(), end: "whole" } : readStream(stream, max_bytes, signal);
}

async function readStream(
  stream: ReadableStream<Uint8Array>,
  max_bytes: number,
  signal: AbortSignal | undefined,
): Promise<Body> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const end = await drain(stream, max_bytes, signal, (part) => {
    parts.push(part);
    size += part.byteLength;
  });
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return { bytes, end };
}

/**
 * Hands on at most `max_bytes` of a stream, piece by piece as they come, and drops the rest. A `take` that returns
 * false, or a promise of it, has enough: that is `limit`, too. Gives up as soon as `signal` aborts.
 * @throws what `take` throws, after it has let go of the stream
 */
export async function drain(
  stream: ReadableStream<Uint8Array>,
  max_bytes: number,
  signal: AbortSignal | undefined,
  take: (piece: Uint8Array) => unknown,
): Promise<Body["end"]> {
  const reader = stream.getReader();
  let room = max_bytes;
  let end: Body["end"] = "whole";
  const stop = (why: Body["end"]) => {
    end = why;
    void reader.cancel().catch(() => {});
  };
  const next = () =>
    reader.read().catch(() => {
      end = "broken";
      return { done: true, value: undefined } as const;
    });
  const onAbort = () => stop("broken");
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  try {
    for (let read = await next(); !read.done; read = await next()) {
      const piece = read.value;
      const wanted = await take(piece.byteLength > room ? piece.subarray(0, room) : piece);
      if (wanted === false || piece.byteLength > room) stop("limit");
      room -= Math.min(piece.byteLength, room);
    }
  } catch (error) {
    stop("broken");
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
  return end;
}
