import { type Command, PEOPLE } from "./command.ts";
import { BUSY_LINE } from "./undo.ts";

export const retry: Command = {
  name: "retry",
  summary: "Ask the last question again; the new answer takes the place of the old one",
  access: PEOPLE,
  shared: true,
  async run(_args, { session }) {
    const asked = session.retry();
    // The new answer says it.
    if (asked === "asked") return null;
    return asked === "busy" ? BUSY_LINE : "The last question is not kept. Please send it again.";
  },
};
