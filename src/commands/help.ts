import { platformFacts } from "../message/platforms.ts";
import type { Source } from "../message/source.ts";
import { type Command, offered, PEOPLE } from "./command.ts";

export const help: Command = {
  name: "help",
  aliases: ["commands"],
  summary: "Show the commands",
  access: PEOPLE,
  async run(_args, { message, kind, routes, commands }) {
    const lines = offered(commands, message.source, kind, routes.access).map(
      ({ name, summary }) => `/${name} — ${summary}`,
    );
    return [askingInWords(message.source), "", ...lines].join("\n");
  },
};

/** How one asks something where this message came from. */
export function askingInWords({ platform, chat_type }: Source): string {
  const how = platformFacts(platform)?.asking;
  if (how !== undefined) return how;
  return chat_type === "dm"
    ? "Just write what you want to know."
    : "Mention me, or reply to me, with what you want to know.";
}
