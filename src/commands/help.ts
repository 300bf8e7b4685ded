import { mayRun } from "../routing/source.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./index.ts";

export const help: Command = {
  name: "help",
  aliases: ["start", "commands"],
  summary: "Show the commands",
  async run(_args, { kind, routes }) {
    return COMMANDS.filter(({ name }) => mayRun(name, kind, routes.access))
      .map(({ name, summary }) => `/${name} — ${summary}`)
      .join("\n");
  },
};
