import { sessionKey } from "../message/key.ts";
import { type Command, offered, PEOPLE } from "./command.ts";
import { personInWords } from "./words.ts";

export const whoami: Command = {
  name: "whoami",
  summary: "Show who you are here, and what you may do",
  access: PEOPLE,
  async run(_args, { message: { source }, kind, routes, commands }) {
    const ids = [
      ["chat", source.chat_id],
      ["topic", source.thread_id],
      ["server", source.guild_id],
    ].flatMap(([what, id]) => (id ? [`${what} ${id}`] : []));
    const may = offered(commands, source, kind, routes.access);
    return [
      `You are: ${personInWords(kind, source)}`,
      `Here: ${source.chat_type}${ids.length > 0 ? `, ${ids.join(", ")}` : ""}`,
      `Session: \`${sessionKey(source)}\``,
      `You may use: ${may.map(({ name }) => `/${name}`).join(" ")}`,
    ].join("\n");
  },
};
