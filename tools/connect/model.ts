import type { Variables } from "../../src/env.ts";
import { infer } from "../../src/inference/infer.ts";
import type { Bundle } from "../../src/routing/types.ts";

const TIMEOUT_MS = 20_000;
/** The Responses API takes no less: https://platform.openai.com/docs/api-reference/responses/create */
const FEWEST_TOKENS = { chat_completions: 1, anthropic_messages: 1, responses: 16 } as const;

/** What an answer so short may look like where all is well. */
const SHORT_ANSWERS: readonly string[] = ["empty", "only_reasoning", "filtered"];

/**
 * Why a model does not answer, in the gateway's own words for the log; null if it does. Asks for one token, or for
 * as few as the endpoint gives.
 */
export async function tryModel(bundle: Bundle, env: Variables): Promise<string | null> {
  const { extra_body: _, conversation: __, ...plain } = bundle;
  const asked = {
    ...plain,
    params: { ...bundle.params, max_tokens: FEWEST_TOKENS[bundle.api_mode] },
    timeouts: { total_ms: TIMEOUT_MS },
  };
  const answer = await infer({
    bundle: asked,
    messages: [{ role: "user", content: "Hi" }],
    signal: AbortSignal.timeout(TIMEOUT_MS + 1_000),
    env,
  });
  if (answer.ok || SHORT_ANSWERS.includes(answer.error.reason)) return null;
  return `${answer.error.reason.replaceAll("_", " ")}: ${answer.error.detail}`;
}
