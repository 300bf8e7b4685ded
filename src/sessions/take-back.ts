import * as v from "valibot";
import { parseCommand } from "../commands/parse.ts";
import type { MayChoose, SessionControls, Undone } from "../commands/session.ts";
import { number, parsedJson } from "../lib/schema.ts";
import { InboundMessage } from "../message/message.ts";
import { beginning } from "./parked.ts";
import type { SessionState } from "./state.ts";
import { lastAsked, readBackwards } from "./store/conversation.ts";
import type { Exchange } from "./store/exchange.ts";
import { unpark } from "./store/parked.ts";
import { readMetaAs, writeMeta } from "./store/tables.ts";
import type { Turns } from "./turns.ts";

/** The newest /undo: the command's seq, the exchange's, and how its question begins. */
const Stored = v.object({ by: number, seq: number, question: v.string() });
const UNDONE = "undone";

/**
 * Takes the last exchange out of the conversation. Which one is stored with the command that did it, so that a
 * command which is taken up again does not take out another. @throws if the storage fails
 */
export function undo({ sql, history }: SessionState, turns: Turns, { seq: by }: Exchange): Undone {
  const done = readMetaAs(Stored, sql, UNDONE);
  if (done?.by === by) return done;
  if (turns.isBusyBefore(by)) return "busy";
  const last = readBackwards(sql, history.from).next().value;
  if (!last) return null;
  const question = beginning(last.question);
  const stored = { by, seq: last.seq, question };
  sql.atomically(() => {
    history.takeOut(last.seq);
    writeMeta(sql, UNDONE, JSON.stringify(stored));
  });
  return stored;
}

/**
 * Takes `/new` with this seq back, with what was chosen before it, as far as the sender `may` choose it and nothing
 * else is chosen since. The conversation comes last: a command that is taken up again finds what is left to do.
 * @throws if the storage fails
 */
export async function takeBackNew(
  { history, override, settings }: SessionState,
  seq: number,
  may: MayChoose,
  user_id: string,
): Promise<boolean> {
  const before = history.takenAwayBy(seq);
  if (!before) return history.from <= seq;
  if (may.model && before.override && (await override.current()) === null) {
    await override.set(before.override, user_id);
  }
  const { reasoning, personality } = before.settings;
  settings.set({
    ...(may.reasoning && reasoning && { reasoning }),
    ...(may.personality && personality && { personality }),
    ...settings.current,
  });
  history.restore(seq);
  return true;
}

/**
 * Asks the last question again: once for each command. The first answer stays in the conversation until there is
 * another one. @throws if the storage fails
 */
export function retry(
  { sql, history, exchanges }: SessionState,
  turns: Turns,
  { seq, message }: Exchange,
): ReturnType<SessionControls["retry"]> {
  const delivery_id = `${message.delivery_id}:again`;
  if (exchanges.knows(delivery_id)) return "asked";
  if (turns.isBusyBefore(seq)) return "busy";
  const last = lastAsked(sql, history.from, seq);
  if (!last) return "nothing";
  // What got no answer, was stopped or has files is there as it came; of all else the conversation has the question.
  const sent = parsedJson(InboundMessage, last.message);
  const calls = sent && !sent.literal && parseCommand(sent.text) !== null;
  const text = sent?.text ?? last.question ?? "";
  const { preface, attachments } = sent ?? {};
  if (calls || (text === "" && !attachments?.length)) return "gone";
  const replaces = last.kept === 1 ? last.seq : sent?.replaces;
  turns.ask({ ...message, delivery_id, text, preface, attachments, replaces, ref: undefined, literal: true });
  unpark(sql, last.seq);
  return "asked";
}
