import { type Command, PEOPLE } from "./command.ts";
import type { SessionControls } from "./session.ts";
import { BUSY_LINE } from "./undo.ts";

/** What is said where the new answer does not say it. */
const ANSWERS: { readonly [Outcome in ReturnType<SessionControls["retry"]>]: string | null } = {
  asked: null,
  busy: BUSY_LINE,
  nothing: "There is no question to ask again.",
  gone: "The last question is not kept. Please send it again.",
};

export const retry: Command = {
  name: "retry",
  summary: "Ask the last question again; the new answer takes the place of the old one",
  access: PEOPLE,
  destroys: true,
  shared: true,
  async run(_args, { session }) {
    return ANSWERS[session.retry()];
  },
};
