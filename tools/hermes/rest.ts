import { isObject } from "../lib/json.ts";
import type { Notes } from "./notes.ts";
import { type Block, block, type HermesSource, text } from "./source.ts";

const TOOLS = "this gateway runs no tools: an endpoint that is an agent has its own";
/** What this gateway has no key for, and why. */
const WHY: { readonly [key: string]: string } = {
  cron: "a job's answer is said as it is, and jobs run in parallel",
  terminal: TOOLS,
  toolsets: TOOLS,
  platform_toolsets: TOOLS,
  browser: TOOLS,
  code_execution: TOOLS,
  delegation: TOOLS,
  skills: TOOLS,
  mcp_servers: TOOLS,
  web: TOOLS,
  tts: "this gateway does not speak",
  streaming: "answers appear while they are written; live: false turns that off",
  display: "it is of Hermes's terminal",
  unauthorized_dm_behavior: "strangers are ignored or answered: access.strangers",
};
/** Keys that are carried over, or that only Hermes itself needs. */
const DONE = [
  "_config_version",
  "model",
  "providers",
  "custom_providers",
  "fallback_providers",
  "fallback_model",
  "model_aliases",
  "personalities",
  "platforms",
  "telegram",
  "discord",
  "agent",
  "stt",
  "memory",
  "compression",
  "session_reset",
  "timezone",
];
/** What of `compression` and `session_reset` is carried over. */
const SESSIONS_DONE: { readonly [block: string]: readonly string[] } = {
  compression: ["enabled", "threshold"],
  session_reset: ["mode", "idle_minutes", "at_hour", "notify"],
};
/** The keys of a platform's block that are carried over, or that say only that it is on. */
const PLATFORM_DONE = ["enabled", "token", "extra", "allowed_users", "channel_overrides", "home_channel"];
const GROUPS_DONE = ["require_mention", "free_response_chats", "free_response_channels"];
const AGENT_DONE = ["system_prompt", "personalities", "reasoning_effort"];
const MEMORY_DONE = ["memory_enabled", "user_profile_enabled"];
const MODEL_LEFT: { readonly [key: string]: string } = {
  streaming: "answers are always streamed; live: false shows them only when they are whole",
  key_cmd: "a Worker runs no programs; set a key that lasts",
};

/** Notes everything of a Hermes set-up that has no place in a routes file. */
export function listRest({ config }: HermesSource, notes: Notes): void {
  for (const key of Object.keys(config)) {
    if (DONE.includes(key) || key.endsWith("_HOME_CHANNEL")) continue;
    if (key === "display" && Object.keys(block(config, key)).join() === "busy_input_mode") continue;
    notes.left(key, WHY[key] ?? "this gateway has nothing like it");
  }
  for (const key of Object.keys(block(config, "agent"))) {
    if (!AGENT_DONE.includes(key)) notes.left(`agent.${key}`, "the agent's own loop is not the gateway's");
  }
  for (const key of Object.keys(block(config, "memory"))) {
    if (!MEMORY_DONE.includes(key)) notes.left(`memory.${key}`, "memory: is on or off here");
  }
  for (const [name, done] of Object.entries(SESSIONS_DONE)) {
    for (const key of Object.keys(block(config, name))) {
      if (!done.includes(key)) notes.left(`${name}.${key}`, "this gateway decides that by itself");
    }
  }
  const model = block(config, "model");
  for (const [key, why] of Object.entries(MODEL_LEFT)) {
    if (model[key] !== undefined && model[key] !== null) notes.left(`model.${key}`, why);
  }
  for (const platform of Object.keys(block(config, "platforms"))) {
    if (!["telegram", "discord", "hub"].includes(platform)) {
      notes.left(`platforms.${platform}`, "this gateway has no such platform");
    }
  }
  listPlatform(config, "telegram", [...PLATFORM_DONE, ...GROUPS_DONE], notes);
  listPlatform(config, "discord", PLATFORM_DONE, notes);
  listProviders(config, notes);
}

/** Notes the settings of a platform that are not among these. */
function listPlatform(config: Block, platform: string, done: readonly string[], notes: Notes): void {
  const whole = block(block(config, "platforms"), platform);
  const blocks = { [`platforms.${platform}`]: whole, [platform]: block(config, platform) };
  for (const [path, settings] of Object.entries({
    ...blocks,
    [`platforms.${platform}.extra`]: block(whole, "extra"),
  })) {
    for (const key of Object.keys(settings)) {
      if (done.includes(key)) continue;
      const why = GROUPS_DONE.includes(key)
        ? "groups: is for Telegram; on Discord only the bot's own commands reach it"
        : "this gateway has nothing like it";
      notes.left(`${path}.${key}`, why);
    }
  }
}

/** Notes the endpoints of `providers` and `custom_providers` that no block names. */
function listProviders(config: Block, notes: Notes): void {
  const named = providersNamed(config);
  const list = (what: string, name: string | undefined) => {
    if (name === undefined) notes.left(what, "it has no name, so no block can name it");
    else if (!named.has(name)) {
      notes.left(what, "nothing in the config names it: a route or an entry of models may have its base_url");
    }
  };
  const listed = Array.isArray(config.custom_providers) ? config.custom_providers : [];
  for (const [index, entry] of listed.entries()) {
    const name = isObject(entry) ? text(entry.name) : undefined;
    list(`custom_providers[${index}]${name === undefined ? "" : ` (${name})`}`, name);
  }
  for (const name of Object.keys(block(config, "providers"))) list(`providers.${name}`, name);
}

/** Every provider that a block of this config names. */
function providersNamed(value: unknown): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...providersNamed(item)]));
  if (!isObject(value)) return new Set();
  const own = text(value.provider)?.replace(/^custom:/, "");
  const inner = Object.values(value).flatMap((item) => [...providersNamed(item)]);
  return new Set(own === undefined ? inner : [own, ...inner]);
}
