import type { PlatformName } from "./platforms.ts";
import type { Source } from "./source.ts";

/**
 * The session a message belongs to, in Hermes's grammar: `agent:main:telegram:dm:42` (docs/contract.md, "Storage
 * and sessions"). A DM has one session per chat and topic, a group one per participant, a thread one for everybody.
 */
export function sessionKey(source: Source): string {
  const parts = ["agent:main", source.platform, source.chat_type];
  if (source.chat_id) parts.push(source.chat_id);
  if (source.thread_id) parts.push(source.thread_id);
  else if (source.chat_type !== "dm" && source.user_id) parts.push(source.user_id);
  return parts.join(":");
}

/** The session that keeps what is overheard in a message's room: a topic's own, or one of the group's that nobody has. */
export const roomKey = (source: Source): string => sessionKey({ ...source, user_id: undefined });

/** The KV key under which the old id of a chat stands that has a new one (a group that became a supergroup). */
export const movedKey = (platform: PlatformName, chat_id: string): string => `moved:${platform}:${chat_id}`;
