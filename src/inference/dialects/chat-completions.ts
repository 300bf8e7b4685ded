import { asCount, asList, asObject, asString, isObject, type Json } from "../../lib/json.ts";
import { own } from "../../lib/own.ts";
import { providerFacts } from "../../routing/providers.ts";
import type { Bundle } from "../../routing/types.ts";
import type { AnswerDraft } from "../answer.ts";
import type { Finish } from "../errors.ts";
import { streamFailure } from "../http/failure.ts";
import type { ApiModeDialect } from "../port.ts";
import type { ChatMessage, Image, Usage } from "../types.ts";

/** `POST {base_url}/chat/completions`, as OpenAI defines it and most servers speak it. */
export const chatCompletions: ApiModeDialect = {
  path: "/chat/completions",
  // Mistral and older Azure deployments answer an unknown field with 400 or 422.
  optional: ["stream_options"],
  headers: bearer,
  body: (bundle, messages) => ({
    model: bundle.model,
    messages: messages.map(messageOf),
    stream: true,
    stream_options: { include_usage: true },
    ...parameters(bundle),
  }),
  event: readChunk,
  whole: readCompletion,
};

/** The header that carries the key, for the APIs of OpenAI. */
export function bearer(key: string | null): { [name: string]: string } {
  return key === null ? {} : { authorization: `Bearer ${key}` };
}

/** A message as chat completions want it. */
export const messageOf = (message: ChatMessage): object =>
  inParts(message, "text", (url) => ({ type: "image_url", image_url: { url } }));

/** A message as the APIs of OpenAI take it: plain text, or a list of parts where there is a picture. */
export function inParts(
  { role, content, images }: ChatMessage,
  type: string,
  pictureOf: (url: string) => object,
): object {
  if (!images?.length) return { role, content };
  const text = content === "" ? [] : [{ type, text: content }];
  return { role, content: [...text, ...images.map((image) => pictureOf(dataUrl(image)))] };
}

/** A picture inside the request. */
const dataUrl = ({ mime, base64 }: Image): string => `data:${mime};base64,${base64}`;

/** The system prompts as one text, for the modes that want them beside the messages; undefined if there is none. */
export const systemOf = (messages: readonly ChatMessage[]): string | undefined =>
  messages
    .filter(({ role }) => role === "system")
    .map(({ content }) => content)
    .join("\n\n") || undefined;

/** What the routes set, under the names by which this provider knows it. */
function parameters({ provider, params = {} }: Bundle): { [name: string]: unknown } {
  const { param_names } = providerFacts(provider);
  if (param_names === undefined) return params;
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [own(param_names, name) ?? name, value]),
  );
}

function readChunk(chunk: Json, answer: AnswerDraft): void {
  if (chunk.error) {
    answer.fail(streamFailure(chunk));
    return;
  }
  const choices = chunk.choices;
  // The usage chunk has an empty list.
  if (Array.isArray(choices)) {
    const choice: unknown = choices[0];
    if (isObject(choice)) {
      const delta = choice.delta;
      if (isObject(delta)) readMessage(delta, answer);
      readFinish(choice.finish_reason, answer);
    }
  }
  if (isObject(chunk.usage)) answer.usage = readUsage(chunk.usage);
}

function readCompletion(completion: Json, answer: AnswerDraft): void {
  if (completion.error) {
    answer.fail(streamFailure(completion));
    return;
  }
  const choice = asObject(asList(completion.choices)[0]);
  if (choice === null) {
    answer.fail({ reason: "malformed", detail: "no choices" });
    return;
  }
  const message = asObject(choice.message);
  if (message !== null) readMessage(message, answer);
  readFinish(choice.finish_reason ?? "stop", answer);
  if (isObject(completion.usage)) answer.usage = readUsage(completion.usage);
}

/** A delta, or a whole message. `reasoning_content`: DeepSeek, SGLang; `reasoning`, `reasoning_details`: vLLM, OpenRouter. */
function readMessage(message: Json, answer: AnswerDraft): void {
  const content = message.content;
  if (typeof content === "string") answer.addText(content);
  else if (Array.isArray(content)) readParts(content, answer);
  if (typeof message.refusal === "string") answer.addText(message.refusal);
  if (message.reasoning_content || message.reasoning || message.reasoning_details) {
    answer.reasoned = true;
  }
}

/** Mistral's reasoning models send a list of parts in place of the string. */
function readParts(parts: readonly unknown[], answer: AnswerDraft): void {
  for (const part of parts) {
    if (!isObject(part)) continue;
    if (part.type === "text") answer.addText(asString(part.text));
    else if (part.type === "thinking") answer.reasoned = true;
  }
}

/** Any other reason (`stop`, `eos`, …) is a whole answer. */
const FINISHES: ReadonlyMap<string, Finish> = new Map([
  ["length", "length"],
  ["content_filter", "content_filter"],
]);

function readFinish(reason: unknown, answer: AnswerDraft): void {
  if (typeof reason !== "string" || reason === "") return;
  if (reason === "error") answer.fail({ reason: "unavailable", detail: "finish_reason error" });
  else answer.finishAs(FINISHES.get(reason) ?? "stop");
}

function readUsage(usage: Json): Usage {
  return {
    input: asCount(usage.prompt_tokens),
    output: asCount(usage.completion_tokens),
    cached: asCount(asObject(usage.prompt_tokens_details)?.cached_tokens),
    reasoning: asCount(asObject(usage.completion_tokens_details)?.reasoning_tokens),
  };
}
