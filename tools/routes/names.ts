import { platformFacts } from "../../src/message/platforms.ts";
import { findProvider } from "../../src/routing/providers.ts";

/** Names that Hermes knows: a block pasted from a Hermes config works with those that this gateway does not. */

/** https://hermes-agent.nousresearch.com/docs */
const HERMES_PLATFORMS = [
  "slack",
  "whatsapp",
  "signal",
  "matrix",
  "mattermost",
  "email",
  "sms",
  "dingtalk",
  "feishu",
  "wecom",
  "weixin",
  "qqbot",
  "homeassistant",
  "bluebubbles",
  "webhook",
  "api_server",
  "local",
];
/** Platforms with no counterpart here. Their routes never match. */
export const FOREIGN_PLATFORMS = HERMES_PLATFORMS.filter((name) => platformFacts(name) === undefined);

const HERMES_PROVIDERS = [
  "auto",
  "nous",
  "nous-api",
  "openai-codex",
  "copilot",
  "copilot-acp",
  "gemini",
  "zai",
  "kimi-coding",
  "minimax",
  "minimax-cn",
  "huggingface",
  "nvidia",
  "xiaomi",
  "arcee",
  "ollama",
  "ollama-cloud",
  "vllm",
  "llamacpp",
  "lmstudio",
  "deepinfra",
  "deepseek",
  "alibaba",
  "xai",
  "kilocode",
  "ai-gateway",
  "opencode-zen",
  "opencode-go",
  "azure-foundry",
  "bedrock",
];
/** Providers that are endpoints like any other here: with their base_url they are `custom`. */
export const FOREIGN_PROVIDERS = HERMES_PROVIDERS.filter((name) => findProvider(name) === undefined);

/** Keys of a Hermes model block or route that mean nothing here, and what to do instead where there is something. */
export const HERMES_KEYS = {
  command: null,
  args: null,
  name: null,
  label: null,
  context_length: "history_tokens, at the top, limits what a turn sends",
  key_env: "write api_key: ${NAME}",
  api_key_env: "write api_key: ${NAME}",
  key_cmd: "write api_key: ${NAME}",
  auth_mode: null,
  entra: null,
  streaming: null,
  ollama_num_ctx: null,
  default_headers: "write headers:",
  extra_headers: "write headers:",
  session_affinity_header: 'write headers:, with a value such as "{session}"',
  supports_vision: "write images:",
  openai_runtime: null,
  persist_switch_by_default: null,
  aliases: "write models:, at the top",
  request_timeout_seconds: "write timeouts:",
  stale_timeout_seconds: "write timeouts:",
} as const satisfies { readonly [key: string]: string | null };
