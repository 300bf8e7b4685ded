import { type Command, PEOPLE } from "./command.ts";

/** Said where an answer is still being made: there is nothing to take back or to repeat yet. */
export const BUSY_LINE = "An answer is still being made here. /stop ends it.";

export const undo: Command = {
  name: "undo",
  summary: "Take the last question and its answer out of the conversation",
  access: PEOPLE,
  async run(_args, { session }) {
    const undone = session.undo();
    if (undone === "busy") return BUSY_LINE;
    if (undone === null) return "There is nothing to take back.";
    return `Taken out of the conversation: “${undone.question}”`;
  },
};
