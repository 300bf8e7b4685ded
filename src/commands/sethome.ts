import { own } from "../lib/own.ts";
import { PLATFORM_FACTS } from "../message/platforms.ts";
import type { Command } from "./command.ts";

export const sethome: Command = {
  name: "sethome",
  aliases: ["set-home"],
  summary: "Make this chat the home, for what nobody asked for",
  access: ["owner"],
  async run(_args, { message: { source }, kind, routes, session, now }) {
    const { platform, chat_id, chat_type, thread_id, user_id } = source;
    // Whatever access.commands says: what reaches a home is meant for the owner.
    if (kind !== "owner" || !chat_id || !user_id) return "Only an owner can choose the home.";
    if (chat_type === "guest") return "A guest has no home here.";
    const { title } = PLATFORM_FACTS[platform];
    const fixed = own(routes.homes, platform);
    if (fixed !== undefined) {
      const which = fixed === chat_id ? "this chat" : `chat ${fixed}`;
      return `The home on ${title} is ${which}, as routes.yaml says.`;
    }
    const set_at = new Date(now).toISOString();
    await session.setHome({ chat_id, chat_type, ...(thread_id && { thread_id }), set_by: user_id, set_at });
    if (chat_type === "dm") return `This chat is the home on ${title}.`;
    const where = thread_id ? "thread" : "group";
    return `This ${where} is the home on ${title}: everybody in it sees what goes there.`;
  },
};
