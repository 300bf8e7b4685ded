import { fail, ok, type Result } from "../lib/result.ts";
import { type Clock, systemClock } from "../lib/time.ts";
import { AnswerDraft, addUsage, NO_USAGE } from "./answer.ts";
import { Deadline } from "./deadline.ts";
import { providerOf } from "./providers.ts";
import { decideRetry } from "./retry.ts";
import type { Failure, InferenceAnswer, InferenceError, InferenceRequest } from "./types.ts";

/**
 * Asks one endpoint, again where that may help, and gives its whole answer or the reason why there is none.
 * Every `${NAME}` of the bundle is resolved here and nowhere else. Bounded in time by the bundle's
 * `timeouts` and in size by `MAX_ANSWER_CHARS`. Throws only on a bug.
 * @param latest Unix milliseconds at which it must be over, whatever the bundle's limits say
 * @example
 * const result = await infer({ bundle, messages: [{ role: "user", content: "Hello" }], signal, env });
 * const said = result.ok ? result.value.text : INFERENCE_ERRORS[result.error.reason].line;
 */
export async function infer(
  request: InferenceRequest,
  latest?: number,
  clock: Clock = systemClock,
): Promise<Result<InferenceAnswer, InferenceError>> {
  const { bundle, live } = request;
  const started = clock.now();
  const { messages, env, origin = {} } = request;
  const sent = bundle.conversation === "endpoint" ? messages.slice(-1) : messages;
  const prepared = providerOf(bundle).prepare(bundle, sent, env, origin);
  if (!prepared.ok) return fail({ ...prepared.error, usage: NO_USAGE, tries: 0, partial: false });
  const deadline = new Deadline(bundle.timeouts, request.signal, clock, latest);
  // A try that failed is paid for all the same.
  let usage = NO_USAGE;
  try {
    for (let tries = 1; ; tries++) {
      if (deadline.ended !== null) {
        return fail({ ...ended(deadline), usage, tries: tries - 1, partial: false });
      }
      const answer = new AnswerDraft(() => clock.now(), live);
      deadline.awaitFirstToken();
      const failure = judge(answer, await prepared.value(answer, deadline), deadline);
      usage = addUsage(usage, answer.usage);
      if (failure === null) {
        return ok({
          text: answer.text,
          finish: answer.finish ?? "stop",
          usage,
          first_token_ms: answer.first_text_at === null ? null : answer.first_text_at - started,
          total_ms: clock.now() - started,
          tries,
        });
      }
      deadline.rest();
      const partial = answer.first_text_at !== null;
      const next = decideRetry(failure, { tries, partial, remaining_ms: deadline.remaining }, clock.random);
      if (!next.retry) {
        const { retry, ...error } = failure;
        return fail({ ...error, usage, tries, partial });
      }
      if (partial) live?.("");
      if (next.wait_ms > 0) await clock.sleep(next.wait_ms, deadline.signal);
    }
  } finally {
    deadline.close();
  }
}

/** What a try came to: null if the answer is whole and has text. */
function judge(answer: AnswerDraft, failure: Failure | null, deadline: Deadline): Failure | null {
  // Whatever else went wrong then followed from it, unless the answer was whole by that time.
  if (answer.finish === null && deadline.ended !== null) return ended(deadline);
  if (failure !== null) return failure;
  if (answer.finish === null) return { reason: "cut", detail: "the stream ended without a finish mark" };
  if (answer.text.trim() !== "") return null;
  if (answer.finish === "content_filter") return { reason: "filtered", detail: "held back by the endpoint" };
  return answer.reasoned
    ? { reason: "only_reasoning", detail: `no text beside reasoning, finish ${answer.finish}` }
    : { reason: "empty", detail: `no text, finish ${answer.finish}` };
}

const ended = (deadline: Deadline): Failure => ({
  reason: deadline.ended === "caller" ? "aborted" : "timeout",
  detail: deadline.describe(),
});
