import { platformFacts } from "../../src/message/platforms.ts";

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

/** Keys of a Hermes model block or route that mean nothing here, and what to do instead where there is something. */
export const HERMES_KEYS = {
  command: null,
  args: null,
  name: null,
  label: null,
  context_length: "write context:",
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
