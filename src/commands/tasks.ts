import type { Command } from "./command.ts";
import { elapsedInWords, verbatim } from "./words.ts";

export const tasks: Command = {
  name: "tasks",
  summary: "Show the background tasks that are running, or stop one",
  argument: { name: "stop", summary: "stop and the task's number" },
  access: ["owner"],
  async run(args, { now, session: { tasks } }) {
    const running = tasks?.list() ?? [];
    const [, id] = /^stop\s+(\d{1,15})$/i.exec(args) ?? [];
    if (id !== undefined) {
      return tasks?.stop(Number(id)) ? `Stopped task ${id}.` : `No task ${id} is running here.`;
    }
    if (args !== "") return `I do not know ${verbatim(args)} here: \`/tasks\`, or \`/tasks stop 12\`.`;
    if (running.length === 0) return "No background task is running here. /background begins one.";
    const lines = running.map(
      ({ id, prompt, since }) => `- Task ${id}, for ${elapsedInWords(now - since)}: ${prompt}`,
    );
    return [...lines, "", `\`/tasks stop ${running[0]?.id}\` stops one.`].join("\n");
  },
};
