import type { RESTPostAPIChannelThreadsJSONBody } from "discord-api-types/v10";
import { type Variables, variable } from "../../env.ts";
import { log } from "../../lib/log.ts";
import { parsed } from "../../lib/schema.ts";
import type { Address } from "../../message/message.ts";
import { callDiscord } from "./api.ts";
import { THREAD_NAME_CHARS } from "./limits.ts";
import { Destination } from "./schema.ts";

const LINES = {
  no_token: "Starting a thread takes the bot's token: DISCORD_BOT_TOKEN.",
  refused: "Discord did not let me: it takes a server's channel, and permission.",
  no_answer: "Discord did not answer. Is the thread there?",
} as const;

/**
 * Starts a public thread in the channel that a command came from: https://discord.com/developers/docs/resources/channel
 * @returns the line that tells where, or why there is none. Never throws.
 */
export async function openThread(name: string, address: Address, env: Variables): Promise<string> {
  const to = parsed(Destination, address);
  const bot_token = variable(env, "DISCORD_BOT_TOKEN");
  if (!to || bot_token === undefined) return LINES.no_token;
  const body = {
    name: name.slice(0, THREAD_NAME_CHARS).trim() || "Conversation",
    type: 11,
  } satisfies RESTPostAPIChannelThreadsJSONBody;
  const path = `/channels/${encodeURIComponent(to.channel_id)}/threads`;
  const made = await callDiscord({ name: "thread", method: "POST", path, body, bot_token }, env);
  if (made.ok) return `<#${made.value.id}> is a conversation of its own: /ask me there.`;
  log("warn", "thread_not_started", { detail: made.error.detail });
  return LINES[made.error.reason === "refused" || made.error.reason === "unknown" ? "refused" : "no_answer"];
}
