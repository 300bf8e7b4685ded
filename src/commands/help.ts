import { type Command, mayRun, PEOPLE } from "./command.ts";

export const help: Command = {
  name: "help",
  aliases: ["start", "commands"],
  summary: "Show the commands",
  access: PEOPLE,
  async run(_args, { kind, routes, commands }) {
    return commands
      .filter((command) => mayRun(command, kind, routes.access))
      .map(({ name, summary }) => `/${name} — ${summary}`)
      .join("\n");
  },
};
