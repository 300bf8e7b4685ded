import { isObject } from "../lib/json.ts";

/** Keys at the top of a Hermes config that a routes file does not have: https://hermes-agent.nousresearch.com/docs */
const HERMES_TOP = [
  "_config_version",
  "agent",
  "approvals",
  "auxiliary",
  "browser",
  "code_execution",
  "custom_providers",
  "delegation",
  "discord",
  "display",
  "fallback_model",
  "fallback_providers",
  "gateway",
  "model_aliases",
  "platform_toolsets",
  "platforms",
  "plugins",
  "providers",
  "quick_commands",
  "security",
  "session_reset",
  "skills",
  "slack",
  "streaming",
  "stt",
  "terminal",
  "toolsets",
  "tts",
  "unauthorized_dm_behavior",
  "web",
];
/** Fewer may be a mistake in a routes file. */
const ENOUGH = 2;

/** Whether this is a whole Hermes config, and not a routes file with a model block of one. */
export const isHermesConfig = (value: unknown): boolean =>
  isObject(value) && HERMES_TOP.filter((key) => Object.hasOwn(value, key)).length >= ENOUGH;
