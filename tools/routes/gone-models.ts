/**
 * Models that Workers AI took away on 2026-05-30, and what it recommends where it names one:
 * https://developers.cloudflare.com/changelog/post/2026-05-08-planned-model-deprecations/
 */
const GONE: readonly string[] = [
  "@hf/meta-llama/meta-llama-3-8b-instruct",
  "@cf/meta/llama-3-8b-instruct",
  "@cf/meta/llama-3-8b-instruct-awq",
  "@cf/meta/llama-3.1-8b-instruct",
  "@cf/meta/llama-3.1-8b-instruct-awq",
  "@cf/meta/llama-3.1-70b-instruct",
  "@cf/meta/llama-2-7b-chat-int8",
  "@cf/meta/llama-2-7b-chat-fp16",
  "@cf/mistral/mistral-7b-instruct-v0.1",
  "@hf/mistral/mistral-7b-instruct-v0.2",
  "@hf/google/gemma-7b-it",
  "@cf/google/gemma-3-12b-it",
  "@hf/nousresearch/hermes-2-pro-mistral-7b",
  "@cf/microsoft/phi-2",
  "@cf/defog/sqlcoder-7b-2",
  "@cf/unum/uform-gen2-qwen-500m",
  "@cf/facebook/bart-large-cnn",
];
const INSTEAD: { readonly [model: string]: string } = {
  "@cf/moonshotai/kimi-k2.5": "@cf/moonshotai/kimi-k2.6",
};
const DEFAULT_INSTEAD = "@cf/zai-org/glm-4.7-flash";

/** What Workers AI recommends for a model that it no longer has; null for one that it has. */
export function replacementOf(model: string): string | null {
  return INSTEAD[model] ?? (GONE.includes(model) ? DEFAULT_INSTEAD : null);
}
