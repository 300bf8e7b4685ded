import type { Command, CommandContext } from "./command.ts";
import type { ParkedMessage } from "./session.ts";
import { counted, timeInWords, verbatim } from "./words.ts";

/** Messages that are listed; the rest are counted. */
const LISTED = 20;
const ALL = "all";

export const parked: Command = {
  name: "parked",
  summary: "Show messages here that got no answer: /parked ask N, /parked drop N, or all",
  argument: { name: "what", summary: "ask or drop, and a number of the list, or all" },
  access: ["owner"],
  async run(args, context) {
    const { session } = context;
    const there = session.parked();
    const [, what, which = ""] = /^(ask|drop)\s+(\d{1,15}|all)$/i.exec(args) ?? [];
    if (what === undefined) return list(there, context);
    const seqs = there
      .map(({ seq }) => seq)
      .filter((seq) => which.toLowerCase() === ALL || seq === Number(which));
    if (seqs.length === 0) return `There is no such message. ${list(there, context)}`;
    if (what.toLowerCase() === "drop") {
      session.dropParked(seqs);
      return `Dropped: ${counted(seqs.length, "message")}.`;
    }
    const asked = session.askParked(seqs);
    const lost = seqs.length - asked;
    return lost === 0
      ? `Asked again: ${counted(asked, "message")}.`
      : `Asked again: ${counted(asked, "message")}. Of ${lost} the text is not kept; /parked drop takes them off the list.`;
  },
};

function list(there: readonly ParkedMessage[], { now }: CommandContext): string {
  if (there.length === 0) return "Every message here has got its answer.";
  const shown = there.slice(-LISTED).map(({ seq, at, reason, text }) => {
    const said = text === null ? "its text is not kept" : verbatim(text);
    return `${seq}: ${timeInWords(new Date(at).toISOString(), now)}, ${reason}: ${said}`;
  });
  const more = there.length - shown.length;
  return [
    `${counted(there.length, "message")} got no answer here:`,
    ...(more > 0 ? [`${counted(more, "older message")}, and`] : []),
    ...shown,
    "/parked ask N asks it again, /parked drop N forgets it; all instead of N means each of them.",
  ].join("\n");
}
