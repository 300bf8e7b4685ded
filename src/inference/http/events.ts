import { createParser } from "eventsource-parser";
import type { Answer } from "../answer.ts";
import type { Deadline } from "../deadline.ts";
import { streamFailure } from "../failure.ts";
import { isObject } from "../json.ts";
import { CLOSE_GRACE_MS, MAX_EVENT_CHARS, MAX_STREAM_BYTES, USAGE_GRACE_MS } from "../limits.ts";
import type { Reader } from "../port.ts";

/**
 * Reads a stream of server-sent events into the answer until it ends, fails or the deadline passes.
 * Whether what arrived is an answer is the caller's to judge: a broken connection just ends the reading.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  reader: Reader,
  answer: Answer,
  deadline: Deadline,
): Promise<void> {
  let ending = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ event, data }) => {
      if (answer.failure !== null || answer.done || data === "") return;
      if (data === "[DONE]") {
        answer.finishAs("stop");
        answer.done = true;
        return;
      }
      let payload: unknown;
      try {
        payload = JSON.parse(data);
      } catch {
        // The last event of a cut stream is cut as well; that is for the missing finish mark to tell.
        if (event === "error") answer.fail(streamFailure(null));
        else if (!ending) answer.fail({ reason: "malformed", detail: "an event is not JSON" });
        return;
      }
      if (event === "error") answer.fail(streamFailure(payload));
      else if (isObject(payload)) reader.event(payload, answer);
      else answer.fail({ reason: "malformed", detail: "an event is not an object" });
    },
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") {
        answer.fail({ reason: "too_large", detail: `an event of more than ${MAX_EVENT_CHARS} characters` });
      }
    },
  });
  const decoder = new TextDecoder();
  const source = body.getReader();
  // A binding's stream knows nothing of our signal, and a stalled one would never wake up by itself.
  const cancel = () => void source.cancel().catch(() => {});
  deadline.signal.addEventListener("abort", cancel);
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await source.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > MAX_STREAM_BYTES) answer.fail({ reason: "too_large", detail: `${bytes} bytes of stream` });
      else parser.feed(decoder.decode(value, { stream: true }));
      if (answer.failure !== null) return;
      if (answer.done) deadline.awaitChunk(CLOSE_GRACE_MS);
      else if (answer.finish !== null) deadline.awaitChunk(USAGE_GRACE_MS);
      else if (answer.began) deadline.awaitChunk();
    }
    // Some servers leave out the blank line after their last event.
    ending = true;
    if (!deadline.signal.aborted) parser.feed(`${decoder.decode()}\n\n`);
  } catch {
    // The connection broke: the finish mark tells whether that was too early.
  } finally {
    deadline.signal.removeEventListener("abort", cancel);
    cancel();
  }
}
