import { fail, ok } from "../lib/result.ts";
import type { Answer } from "./answer.ts";
import { chatCompletions, messageOf } from "./dialects/chat-completions.ts";
import type { Failure } from "./failure.ts";
import { readResponse } from "./http/post.ts";
import { asObject, isObject, type Json } from "./json.ts";
import type { Provider, Reader } from "./port.ts";

/** The part of the `AI` binding that is used. */
interface AiBinding {
  run(model: string, inputs: object, options: object): Promise<unknown>;
}

const isAiBinding = (value: unknown): value is AiBinding =>
  typeof value === "object" && value !== null && "run" in value && typeof value.run === "function";

/** Workers AI through the binding `AI` of wrangler.toml: no base_url and no key. */
export const workersAi: Provider = {
  prepare(bundle, messages, env) {
    const binding = env.AI;
    if (!isAiBinding(binding)) {
      return fail({
        reason: "bad_config",
        detail: 'no binding AI: add [ai] binding = "AI" to wrangler.toml',
      });
    }
    const inputs = { messages: messages.map(messageOf), stream: true, ...bundle.params };
    return ok(async (answer, deadline): Promise<Failure | null> => {
      let result: unknown;
      try {
        result = await unlessAborted(
          // The raw response keeps the status and headers that the binding's own errors lose.
          binding.run(bundle.model, inputs, { returnRawResponse: true, signal: deadline.signal }),
          deadline.signal,
        );
      } catch {
        return { reason: "unreachable", detail: "the AI binding did not answer" };
      }
      if (result instanceof Response) return readResponse(result, reader, answer, deadline);
      if (result instanceof ReadableStream)
        return readResponse(new Response(result), reader, answer, deadline);
      const payload = asObject(result);
      if (payload === null) return { reason: "malformed", detail: "the AI binding's answer is no object" };
      reader.whole(payload, answer);
      return null;
    });
  },
};

/** Newer models speak chat completions, older ones `{"response": …}`; REST answers wrap either in `result`. */
const reader: Reader = {
  event: (payload, answer) => read(payload, answer, chatCompletions.event),
  whole(payload, answer) {
    read(asObject(payload.result) ?? payload, answer, chatCompletions.whole);
    answer.finishAs("stop");
  },
};

function read(payload: Json, answer: Answer, other: Reader["event"]): void {
  const text = payload.response;
  if (typeof text !== "string") {
    other(payload, answer);
    return;
  }
  answer.addText(text);
  if (isObject(payload.usage)) chatCompletions.event({ usage: payload.usage }, answer);
}

/** Rejects as soon as the signal aborts, for a promise that does not know it. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error("aborted"));
    signal.addEventListener("abort", stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
