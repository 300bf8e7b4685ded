/** The text of a body, and whether that is all of it. */
export interface BodyText {
  readonly text: string;
  /** `limit`: longer, or slower, than allowed; `broken`: the connection was lost. */
  readonly end: "whole" | "limit" | "broken";
}

/**
 * Reads at most `max_bytes` of a body, for at most `within_ms` milliseconds, and drops the rest.
 * Never throws.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array>,
  max_bytes: number,
  signal: AbortSignal,
  within_ms?: number,
): Promise<BodyText> {
  const source = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  let end: BodyText["end"] = "whole";
  const stop = () => {
    end = "limit";
    void source.cancel().catch(() => {});
  };
  const timer = within_ms === undefined ? null : setTimeout(stop, within_ms);
  signal.addEventListener("abort", stop);
  try {
    for (;;) {
      const { done, value } = await source.read();
      if (done) return { text: text + decoder.decode(), end };
      bytes += value.byteLength;
      text += decoder.decode(bytes > max_bytes ? value.subarray(0, max_bytes - bytes) : value, {
        stream: true,
      });
      if (bytes > max_bytes) stop();
    }
  } catch {
    return { text, end: "broken" };
  } finally {
    if (timer !== null) clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
