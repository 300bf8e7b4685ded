import { asCount, asList, asObject, asString, isObject, type Json } from "../../lib/json.ts";
import type { Bundle } from "../../routing/types.ts";
import type { AnswerDraft } from "../answer.ts";
import type { Finish } from "../errors.ts";
import { streamFailure } from "../http/failure.ts";
import { DEFAULT_MAX_TOKENS } from "../limits.ts";
import type { ApiModeDialect } from "../port.ts";
import type { ChatMessage } from "../types.ts";
import { systemOf } from "./chat-completions.ts";

/** From this version on `temperature`, `top_p` and `top_k` are refused with 400, so they are not passed on. */
const VERSION = "2026-10-21";

/** `POST {base_url}/messages`: Anthropic's native Messages API. */
export const anthropicMessages: ApiModeDialect = {
  path: "/messages",
  optional: [],
  headers: (key): { [name: string]: string } => ({
    "anthropic-version": VERSION,
    ...(key === null ? {} : { "x-api-key": key }),
  }),
  body: (bundle, messages) => {
    const turns = messages.filter(({ role }) => role !== "system");
    // The first turn must be the user's; a shortened history may begin with an answer.
    const first = turns.findIndex(({ role }) => role === "user");
    const sent = turns.slice(Math.max(0, first));
    const system = systemOf(messages);
    return {
      model: bundle.model,
      system: system === undefined ? undefined : [cachedText(system)],
      // What was said before stays as it is; the newest message is behind it.
      messages: sent.map((turn, index) => (index === sent.length - 2 ? cached(turn) : turnOf(turn))),
      stream: true,
      ...parameters(bundle),
    };
  },
  event: readEvent,
  whole: readMessage,
};

/**
 * A text up to which, and with all before it, the endpoint is asked to keep what it has read, for five minutes from
 * its last use. At most four in a request: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
const cachedText = (text: string) => ({ type: "text", text, cache_control: { type: "ephemeral" } });

/** A message of the conversation so far, which has no pictures any more. An empty text cannot be marked. */
const cached = ({ role, content }: ChatMessage): object =>
  content === "" ? { role, content } : { role, content: [cachedText(content)] };

/** Pictures come before the words about them, as Anthropic advises. */
function turnOf({ role, content, images }: ChatMessage): object {
  if (!images?.length) return { role, content };
  const pictures = images.map(({ mime, base64 }) => ({
    type: "image",
    source: { type: "base64", media_type: mime, data: base64 },
  }));
  return { role, content: [...pictures, ...(content === "" ? [] : [{ type: "text", text: content }])] };
}

/**
 * Those that the Messages API has. Any other field is answered with 400, and a route takes over what the model
 * block sets for an endpoint of OpenAI.
 */
function parameters({ params = {} }: Bundle): { [name: string]: unknown } {
  const { max_tokens, reasoning_effort, service_tier } = params;
  return {
    max_tokens: max_tokens ?? DEFAULT_MAX_TOKENS,
    output_config: reasoning_effort === undefined ? undefined : { effort: reasoning_effort },
    service_tier,
  };
}

function readEvent(event: Json, answer: AnswerDraft): void {
  switch (event.type) {
    case "content_block_delta": {
      const delta = asObject(event.delta);
      if (delta?.type === "text_delta") answer.addText(asString(delta.text));
      else if (delta?.type === "thinking_delta") answer.reasoned = true;
      return;
    }
    case "content_block_start":
      if (isTool(asObject(event.content_block)?.type)) answer.breakText();
      return;
    case "message_start":
      readUsage(asObject(event.message)?.usage, answer);
      return;
    case "message_delta": {
      readUsage(event.usage, answer);
      const reason = asObject(event.delta)?.stop_reason;
      if (typeof reason === "string") answer.finishAs(FINISHES.get(reason) ?? "stop");
      return;
    }
    case "message_stop":
      answer.finishAs("stop");
      answer.done = true;
      return;
    case "error":
      answer.fail(streamFailure(event));
      return;
  }
}

/** A tool's use or result: what is said before and after it are two texts. Blocks of text go on in a sentence. */
const isTool = (type: unknown): boolean => asString(type).includes("tool");

/** Any other reason (`end_turn`, `stop_sequence`, …) is a whole answer. */
const FINISHES: ReadonlyMap<string, Finish> = new Map([
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "content_filter"],
]);

function readMessage(message: Json, answer: AnswerDraft): void {
  if (message.type === "error") {
    answer.fail(streamFailure(message));
    return;
  }
  if (!Array.isArray(message.content)) {
    answer.fail({ reason: "malformed", detail: "no content" });
    return;
  }
  for (const block of asList(message.content)) {
    if (!isObject(block)) continue;
    if (block.type === "text") answer.addText(asString(block.text));
    else if (block.type === "thinking") answer.reasoned = true;
    if (isTool(block.type)) answer.breakText();
  }
  readUsage(message.usage, answer);
  answer.finishAs(FINISHES.get(asString(message.stop_reason)) ?? "stop");
}

/** `input_tokens` leaves out what the cache held; here, as everywhere else, input is all of it. */
function readUsage(value: unknown, answer: AnswerDraft): void {
  const usage = asObject(value);
  if (usage === null) return;
  const before = answer.usage;
  const fresh = asCount(usage.input_tokens);
  const cached = asCount(usage.cache_read_input_tokens);
  const written = asCount(usage.cache_creation_input_tokens);
  answer.usage = {
    input: fresh === null ? before.input : fresh + (cached ?? 0) + (written ?? 0),
    output: asCount(usage.output_tokens) ?? before.output,
    cached: cached ?? before.cached,
    reasoning: null,
  };
}
