import { asObject, isObject, type Json } from "../../lib/json.ts";
import { refusedByRuntime } from "../../lib/request.ts";
import { ok } from "../../lib/result.ts";
import { unlessAborted } from "../../lib/time.ts";
import { aiBinding } from "../ai-binding.ts";
import type { AnswerDraft } from "../answer.ts";
import { chatCompletions, messageOf } from "../dialects/chat-completions.ts";
import { NOT_SENT } from "../http/failure.ts";
import { readResponse } from "../http/response.ts";
import type { Provider, Reader } from "../port.ts";
import type { Failure } from "../types.ts";

/** Workers AI through the binding `AI` of wrangler.toml: no base_url and no key. */
export const workersAi: Provider = {
  prepare({ model, params }, messages, env) {
    const binding = aiBinding(env);
    if (!binding.ok) return binding;
    const inputs = { messages: messages.map(messageOf), stream: true, ...params };
    return ok(async (answer, deadline): Promise<Failure | null> => {
      const { signal } = deadline;
      let result: unknown;
      try {
        // The raw response keeps the status and headers that the binding's own errors lose.
        const asked = binding.value.run(model, inputs, { returnRawResponse: true, signal });
        result = await unlessAborted(asked, signal);
      } catch (error) {
        if (refusedByRuntime(error)) return NOT_SENT;
        return { reason: "unreachable", detail: "the AI binding did not answer" };
      }
      if (result instanceof Response) return readResponse(result, model, reader, answer, deadline);
      if (result instanceof ReadableStream)
        return readResponse(new Response(result), model, reader, answer, deadline);
      const payload = asObject(result);
      if (payload === null) return { reason: "malformed", detail: "the AI binding's answer is no object" };
      reader.whole(payload, answer);
      return answer.failure;
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

function read(payload: Json, answer: AnswerDraft, other: Reader["event"]): void {
  const text = payload.response;
  if (typeof text !== "string") {
    other(payload, answer);
    return;
  }
  answer.addText(text);
  if (isObject(payload.usage)) chatCompletions.event({ usage: payload.usage }, answer);
}
