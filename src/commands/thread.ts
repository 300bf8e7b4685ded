import type { Command } from "./command.ts";

export const thread: Command = {
  name: "thread",
  summary: "Start a thread for a conversation of its own",
  argument: { name: "name", summary: "What the thread is called" },
  access: ["owner"],
  only: "discord",
  run: (name, { session }) => session.openThread(name),
};
