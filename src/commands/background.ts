import type { Command } from "./command.ts";

export const background: Command = {
  name: "background",
  aliases: ["bg", "btw"],
  summary: "Ask something beside the conversation; the answer comes when it is there",
  argument: { name: "prompt", summary: "What you want to know" },
  access: ["owner"],
  // Everybody sees the answer, and so what it answers.
  shared: true,
  async run(args, { message, session: { seq, tasks } }) {
    if (args === "") {
      return "Write behind it what you want to know: `/background How do tides work?` It is asked without this conversation, which goes on meanwhile.";
    }
    // Nobody follows an answer there but whoever has just asked for it.
    if (message.source.platform === "cli")
      return "The terminal shows only what it waits for: ask it without /background.";
    if (!tasks || message.source.chat_type === "guest") return "There are no background tasks here.";
    if (tasks.begin() === "full") {
      return "Too many tasks are running here already, so I cannot take this one. /tasks shows them and how to stop one.";
    }
    return `Task ${seq} has begun; its answer comes here. /tasks shows what is running.`;
  },
};
