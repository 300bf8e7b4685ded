import type { Command } from "./command.ts";

export const thread: Command = {
  name: "thread",
  summary: "Start a thread: a conversation of its own",
  argument: { name: "name", summary: "Its name" },
  access: ["owner"],
  only: "discord",
  run: (name, { session }) => session.openThread(name),
};
