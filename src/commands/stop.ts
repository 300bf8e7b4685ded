import { type Command, PEOPLE } from "./command.ts";
import { counted } from "./words.ts";

export const stop: Command = {
  name: "stop",
  summary: "End the answer that is being made",
  access: PEOPLE,
  immediate: true,
  async run(_args, { session }) {
    const { running, dropped } = session.stop();
    if (!running && dropped === 0) return "There is nothing to stop.";
    if (dropped === 0) return "Stopped.";
    return `Stopped, and dropped ${counted(dropped, "waiting message")}.`;
  },
};
