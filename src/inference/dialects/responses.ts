import { asCount, asList, asObject, asString, isObject, type Json } from "../../lib/json.ts";
import type { Bundle } from "../../routing/types.ts";
import type { AnswerDraft } from "../answer.ts";
import { streamFailure } from "../http/failure.ts";
import type { ApiModeDialect } from "../port.ts";
import type { ChatMessage, Usage } from "../types.ts";
import { bearer, inParts, systemOf } from "./chat-completions.ts";

/** `POST {base_url}/responses`: OpenAI's Responses API. */
export const responses: ApiModeDialect = {
  path: "/responses",
  optional: ["store"],
  headers: bearer,
  body: (bundle, messages) => ({
    model: bundle.model,
    instructions: systemOf(messages),
    input: messages.filter(({ role }) => role !== "system").map(inputOf),
    stream: true,
    // Otherwise OpenAI keeps the conversation for 30 days; the session has it already.
    store: false,
    ...parameters(bundle),
  }),
  event: readEvent,
  whole: readResponseObject,
};

const inputOf = (message: ChatMessage): object =>
  inParts(message, "input_text", (image_url) => ({ type: "input_image", image_url }));

function parameters(bundle: Bundle): { [name: string]: unknown } {
  const { max_tokens, reasoning_effort, verbosity, ...params } = bundle.params ?? {};
  return {
    max_output_tokens: max_tokens,
    reasoning: reasoning_effort === undefined ? undefined : { effort: reasoning_effort },
    text: verbosity === undefined ? undefined : { verbosity },
    ...params,
  };
}

function readEvent(event: Json, answer: AnswerDraft): void {
  switch (event.type) {
    case "response.output_text.delta":
    case "response.refusal.delta":
      answer.addText(asString(event.delta));
      return;
    case "response.output_item.added":
      answer.breakText();
      return;
    case "response.reasoning_text.delta":
    case "response.reasoning_summary_text.delta":
      answer.reasoned = true;
      return;
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
      readResponseObject(asObject(event.response) ?? {}, answer);
      answer.done = true;
      return;
    case "error":
      answer.fail(streamFailure(event));
      return;
  }
}

/** The whole response, as the last event or a plain body carries it. */
function readResponseObject(response: Json, answer: AnswerDraft): void {
  if (isObject(response.error)) {
    answer.fail(streamFailure(response));
    return;
  }
  const status = response.status;
  if (status === "failed" || status === "cancelled") {
    answer.fail({ reason: "unavailable", detail: `response ${status}` });
    return;
  }
  if (answer.first_text_at === null) readOutput(response.output, answer);
  if (isObject(response.usage)) answer.usage = readUsage(response.usage);
  if (status !== "incomplete") {
    answer.finishAs("stop");
    return;
  }
  const reason = asObject(response.incomplete_details)?.reason;
  answer.finishAs(reason === "content_filter" ? "content_filter" : "length");
}

function readOutput(output: unknown, answer: AnswerDraft): void {
  for (const item of asList(output)) {
    if (!isObject(item)) continue;
    answer.breakText();
    if (item.type === "reasoning") answer.reasoned = true;
    for (const part of asList(item.content)) {
      if (!isObject(part)) continue;
      if (part.type === "output_text") answer.addText(asString(part.text));
      else if (part.type === "refusal") answer.addText(asString(part.refusal));
    }
  }
}

function readUsage(usage: Json): Usage {
  return {
    input: asCount(usage.input_tokens),
    output: asCount(usage.output_tokens),
    cached: asCount(asObject(usage.input_tokens_details)?.cached_tokens),
    reasoning: asCount(asObject(usage.output_tokens_details)?.reasoning_tokens),
  };
}
