import type { Source } from "../../message/source.ts";
import type { Interaction } from "./schema.ts";

const BOT_DM = 1;
const PRIVATE_CHANNEL = 2;
/** Announcement thread, public thread, private thread; a forum's posts are public threads. */
const THREAD_TYPES: ReadonlySet<number | undefined> = new Set([10, 11, 12]);
const GROUP_DM_TYPE = 3;

/**
 * Who used a command, and where: a DM with the bot is `dm`, a thread `thread` (its id is chat and thread),
 * anything else `group`: a server's channel, and also a DM or group DM with other people, where a user
 * installed the app for themselves.
 * Null when Discord names no user.
 */
export function sourceOf(command: Interaction): Source | null {
  // Discord sends `member` from servers and `user` from DMs.
  const user = command.member?.user ?? command.user;
  if (!user) return null;
  const who = {
    platform: "discord",
    chat_id: command.channel_id,
    user_id: user.id,
    user_name: user.global_name || user.username,
    guild_id: command.guild_id ?? undefined,
    ...(command.member?.roles?.length && { roles: command.member.roles }),
  } as const;

  if (THREAD_TYPES.has(command.channel?.type)) {
    return { ...who, chat_type: "thread", thread_id: command.channel_id };
  }
  return { ...who, chat_type: contextOf(command) === BOT_DM ? "dm" : "group" };
}

function contextOf(command: Interaction): number {
  if (command.context != null) return command.context;
  if (command.guild_id) return 0;
  return command.channel?.type === GROUP_DM_TYPE ? PRIVATE_CHANNEL : BOT_DM;
}

/** Whether the app is installed to the user but not to the place the command was used in. */
export function userInstallOnly(command: Interaction): boolean {
  const owners = command.authorizing_integration_owners ?? {};
  return "1" in owners && !("0" in owners);
}
