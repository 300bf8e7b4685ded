import type { Delivery } from "../platforms/platform.ts";
import type { TurnOutcome } from "./turn.ts";

export const STOPPED_LINE = "Stopped.";
const CRASHED_LINE = "Something went wrong while answering this, more than once. The operator can see why.";
const COMMAND_FAILED_LINE = "That did not work. Please try again.";

/** What a row is answered with; a null text sends nothing. `outcome` is what the inbox and the log keep. */
export interface Reply {
  readonly text: string | null;
  readonly outcome: string;
}

/** What the sender gets for what a turn came to. */
export function replyTo(turn: TurnOutcome, delivery: Delivery): Reply {
  if (turn.kind === "declined") return told(turn.line, "declined", delivery);
  if (turn.kind === "error") return told(turn.line, turn.reason, delivery);
  const text = delivery.prepare ? delivery.prepare(turn.text) : turn.text;
  const note = delivery.tells_errors === false ? null : turn.note;
  return { text: text !== null && note ? `${text}\n\n${note}` : text, outcome: "ok" };
}

/** A turn that was started again and again without coming to an end. */
export const crashed = (delivery: Delivery): Reply => told(CRASHED_LINE, "crashed", delivery);

export const commandFailed = (delivery: Delivery): Reply => told(COMMAND_FAILED_LINE, "crashed", delivery);

/** A turn that was stopped needs no word of its own, unless the user sees a pending answer. */
export const stopped = (delivery: Delivery): Reply => ({
  text: delivery.owes_answer ? STOPPED_LINE : null,
  outcome: "stopped",
});

/** A line about a failure is for people: it never reaches another agent. */
function told(line: string, outcome: string, delivery: Delivery): Reply {
  return { text: delivery.tells_errors === false ? null : line, outcome };
}
