import type { CommandReply, Keyboard } from "../commands/keyboard.ts";
import type { Delivery } from "../platforms/platform.ts";
import type { Asked } from "./ask.ts";
import { MAX_ANSWER_BYTES } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import type { Answered } from "./store/exchange.ts";

export const STOPPED_LINE = "Stopped.";
const CRASHED_LINE = "Something went wrong while answering this, more than once. The operator can see why.";
const COMMAND_FAILED_LINE = "That did not work. Please try again.";
const FULL_LINE =
  "Too many messages are waiting here already, so I cannot take this one. /stop drops those that wait.";
const CUT_LINE = "(The rest of this answer is too long to deliver.)";
const TOO_LONG_LINE = "That message is too long for me. Please send it in parts.";

const encoder = new TextEncoder();

/** What a message is answered with; a null text sends nothing. */
export interface Reply {
  readonly text: string | null;
  /** Buttons below it. */
  readonly keyboard?: Keyboard;
  /** A chunk behind it that is a file. */
  readonly file?: string;
  readonly outcome: Outcome;
  /** What the conversation keeps of it. */
  readonly said: Answered["said"];
}

/** What the sender gets for what asking the model came to. */
export function replyTo(asked: Asked, question: string, delivery: Delivery): Reply {
  if (asked.kind === "declined") return line(asked.line, "declined", delivery);
  if (asked.kind === "error") return line(asked.line, asked.reason, delivery);
  const text = delivery.prepare ? delivery.prepare(asked.text) : asked.text;
  const note = delivery.tells_errors === false ? null : asked.note;
  return {
    text: text !== null && note ? `${text}\n\n${note}` : text,
    outcome: "ok",
    said: { question, answer: asked.text },
  };
}

/** A turn that was started again and again without coming to an end. */
export const crashed = (delivery: Delivery): Reply => line(CRASHED_LINE, "crashed", delivery);

/** A command that ended in a bug or a failure of storage. */
export const commandFailed = (delivery: Delivery): Reply => line(COMMAND_FAILED_LINE, "command", delivery);

/** A command's answer. */
export function commandReply(reply: string | CommandReply | null): Reply {
  const answer = typeof reply === "object" && reply !== null ? reply : { text: reply };
  return { ...answer, outcome: "command", said: null };
}

/** A message that the session has no room for, or that no row could hold. */
export const noRoom = (why: "full" | "too_long", delivery: Delivery): Reply =>
  line(why === "full" ? FULL_LINE : TOO_LONG_LINE, "full", delivery);

/** A message that no answer can reach any more. */
export const EXPIRED: Reply = { text: null, outcome: "expired", said: null };

/** A peer's message to which nothing more is said. */
export const HUSHED: Reply = { text: null, outcome: "hushed", said: null };

/** As many chunks as one row can hold; the last one says that the rest is missing. */
export function withinRow(chunks: readonly string[]): readonly string[] {
  let bytes = 0;
  const fits = chunks.findIndex((chunk) => {
    bytes += encoder.encode(JSON.stringify(chunk)).byteLength;
    return bytes > MAX_ANSWER_BYTES;
  });
  return fits < 0 ? chunks : [...chunks.slice(0, fits), CUT_LINE];
}

/**
 * A turn that was stopped needs no word of its own, unless the user sees a pending answer, or what was written
 * of it so far: that stays, marked as stopped.
 */
export function stopped(delivery: Delivery, shown = ""): Reply {
  const text = shown === "" ? (delivery.owes_answer ? STOPPED_LINE : null) : `${shown}\n\n*${STOPPED_LINE}*`;
  return { text, outcome: "stopped", said: null };
}

/** A line about a failure is for people: it never reaches another agent. */
function line(text: string, outcome: Outcome, delivery: Delivery): Reply {
  return { text: delivery.tells_errors === false ? null : text, outcome, said: null };
}
