import { type Command, PEOPLE } from "./command.ts";
import { takeBack } from "./keyboard.ts";
import { mayChoose } from "./new.ts";
import { verbatim } from "./words.ts";

/** Said where an answer is still being made: there is nothing to take back or to repeat yet. */
export const BUSY_LINE = "An answer is still being made here. /stop ends it.";

export const undo: Command = {
  name: "undo",
  summary: "Take the last question and its answer out of the conversation",
  access: PEOPLE,
  destroys: true,
  async run(args, context) {
    const { session } = context;
    const [, what, seq] = /^(last|new) (\d{1,15})$/.exec(args) ?? [];
    if (what !== undefined) {
      const back =
        what === "new"
          ? await session.takeBackNew(Number(seq), mayChoose(context))
          : session.putBack(Number(seq));
      return back ? "Taken back: it is part of the conversation again." : "It is too late to take that back.";
    }
    const undone = session.undo();
    if (undone === "busy") return BUSY_LINE;
    if (undone === null) return "There is nothing to take back.";
    const text = `Taken out of the conversation: ${verbatim(undone.question)}`;
    return { text, keyboard: takeBack(`last ${undone.seq}`) };
  },
};
