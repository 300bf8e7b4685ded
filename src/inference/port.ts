import type { Variables } from "../env.ts";
import type { Json } from "../lib/json.ts";
import type { Result } from "../lib/result.ts";
import type { Bundle } from "../routing/types.ts";
import type { AnswerDraft } from "./answer.ts";
import type { Deadline } from "./deadline.ts";
import type { ChatMessage, Failure, Origin } from "./types.ts";

/** One try at one endpoint: fills the answer, and returns why there is none. Throws only on a bug. */
export type Try = (answer: AnswerDraft, deadline: Deadline) => Promise<Failure | null>;

/** Whatever answers a chat: an endpoint over HTTP, a binding, or the Worker itself. */
export interface Provider {
  /** Checks the bundle, reads its secrets and writes the request; nothing is sent yet. */
  prepare(
    bundle: Bundle,
    messages: readonly ChatMessage[],
    env: Variables,
    origin: Origin,
  ): Result<Try, Failure>;
}

/** How a streamed answer is read, and one that came whole although a stream was asked for. */
export interface Reader {
  /** One event of the stream. Errors by event name and `[DONE]` are seen to by the caller. */
  event(payload: Json, answer: AnswerDraft): void;
  whole(payload: Json, answer: AnswerDraft): void;
}

/** An api mode: how its request is written and its answer read. */
export interface ApiModeDialect extends Reader {
  /** Below base_url. */
  readonly path: string;
  /** Body fields that some servers refuse and that an answer does not depend on. */
  readonly optional: readonly string[];
  headers(key: string | null): { readonly [name: string]: string };
  /** What is undefined is not sent. */
  body(bundle: Bundle, messages: readonly ChatMessage[]): { [field: string]: unknown };
}
