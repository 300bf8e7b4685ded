import type { Notes } from "./notes.ts";
import { block, type HermesSource, text } from "./source.ts";

const TOOLS = "this gateway runs no tools: an endpoint that is an agent has its own";
/** What this gateway has no key for, and why. */
const WHY: { readonly [key: string]: string } = {
  cron: "this gateway's routes file has no scheduled jobs",
  memory: "this gateway's routes file has no memory",
  session_reset: "this gateway's sessions are reset by /new alone",
  compression: "history_tokens limits what a turn sends; nothing is summarised",
  terminal: TOOLS,
  toolsets: TOOLS,
  platform_toolsets: TOOLS,
  browser: TOOLS,
  code_execution: TOOLS,
  delegation: TOOLS,
  skills: TOOLS,
  mcp_servers: TOOLS,
  web: TOOLS,
  stt: "this gateway does not transcribe voice",
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
];
const AGENT_DONE = ["system_prompt", "personalities", "reasoning_effort"];
const MODEL_LEFT: { readonly [key: string]: string } = {
  context_length: "history_tokens, at the top, limits what a turn sends",
  streaming: "answers are always streamed; live: false shows them only when they are whole",
  key_cmd: "a Worker runs no programs; set a key that lasts",
};

/** Notes everything of a Hermes set-up that has no place in a routes file. */
export function listRest({ config, jobs }: HermesSource, notes: Notes): void {
  for (const key of Object.keys(config)) {
    if (DONE.includes(key) || key.endsWith("_HOME_CHANNEL")) continue;
    if (key === "display" && Object.keys(block(config, key)).join() === "busy_input_mode") continue;
    notes.left(key, WHY[key] ?? "this gateway has nothing like it");
  }
  for (const key of Object.keys(block(config, "agent"))) {
    if (!AGENT_DONE.includes(key)) notes.left(`agent.${key}`, "the agent's own loop is not the gateway's");
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
  for (const [index, job] of jobs.entries()) {
    const name = text(job.name) ?? text(job.id) ?? String(index + 1);
    notes.left(`the cron job ${name}`, "this gateway's routes file has no scheduled jobs");
  }
}
