import { createParser } from "eventsource-parser";
import { isObject, parseJson } from "../../lib/json.ts";
import type { AnswerDraft } from "../answer.ts";
import type { Deadline } from "../deadline.ts";
import { CLOSE_GRACE_MS, MAX_EVENT_CHARS, MAX_STREAM_BYTES, USAGE_GRACE_MS } from "../limits.ts";
import type { Reader } from "../port.ts";
import { streamFailure } from "./failure.ts";

/**
 * Reads a stream of server-sent events into the answer until it ends, fails or the deadline passes.
 * Whether what arrived is an answer is the caller's to judge: a broken connection just ends the reading.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  reader: Reader,
  answer: AnswerDraft,
  deadline: Deadline,
): Promise<void> {
  let ending = false;
  /** Enough was read, whether or not the answer is whole by then. */
  let over = false;
  const stop = (detail: string) => {
    over = true;
    answer.fail({ reason: "too_large", detail });
  };
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ event, data }) => {
      if (answer.failure !== null || answer.done || data === "") return;
      if (data === "[DONE]") {
        answer.finishAs("stop");
        answer.done = true;
        return;
      }
      const payload = parseJson(data);
      if (event === "error") answer.fail(streamFailure(payload));
      else if (isObject(payload)) reader.event(payload, answer);
      else if (payload !== undefined) {
        answer.fail({ reason: "malformed", detail: "an event is not an object" });
      }
      // The last event of a cut stream is cut as well; that is for the missing finish mark to tell.
      else if (!ending) answer.fail({ reason: "malformed", detail: "an event is not JSON" });
    },
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded")
        stop(`an event of more than ${MAX_EVENT_CHARS} characters`);
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
      let read: ReadableStreamReadResult<Uint8Array>;
      try {
        read = await source.read();
      } catch {
        // The connection broke: the finish mark tells whether that was too early.
        return;
      }
      if (read.done) break;
      bytes += read.value.byteLength;
      if (bytes > MAX_STREAM_BYTES) stop(`${bytes} bytes of stream`);
      else parser.feed(decoder.decode(read.value, { stream: true }));
      if (answer.failure !== null || over) return;
      if (answer.done) deadline.awaitChunk(CLOSE_GRACE_MS);
      else if (answer.finish !== null) deadline.awaitChunk(USAGE_GRACE_MS);
      else if (answer.began) deadline.awaitChunk();
    }
    // Some servers leave out the blank line after their last event.
    ending = true;
    if (!deadline.signal.aborted) parser.feed(`${decoder.decode()}\n\n`);
  } finally {
    deadline.signal.removeEventListener("abort", cancel);
    cancel();
  }
}
