import type { Source } from "./source.ts";

/**
 * The session a message belongs to, in Hermes's grammar: `agent:main:telegram:dm:42`.
 * A DM is one session per chat (and topic), a group one per participant, a thread one for all in it.
 */
export function sessionKey(source: Source): string {
  const parts = ["agent:main", source.platform, source.chat_type];
  if (source.chat_id) parts.push(source.chat_id);
  if (source.thread_id) parts.push(source.thread_id);
  else if (source.chat_type !== "dm" && source.user_id) parts.push(source.user_id);
  return parts.join(":");
}
