import { parseCommand } from "../commands/parse.ts";
import type { ParkedMessage } from "../commands/session.ts";
import { firstCharacters } from "../lib/first-characters.ts";
import type { Sql } from "../lib/ports.ts";
import { parsedJson } from "../lib/schema.ts";
import { InboundMessage } from "../message/message.ts";
import type { SessionState } from "./state.ts";
import type { Exchange } from "./store/exchange.ts";
import { readParked, unpark } from "./store/parked.ts";
import type { Turns } from "./turns.ts";

/** Characters of a message that are told. */
const TOLD = 80;

/** How a text begins, where it is long. */
export function beginning(text: string): string {
  const begun = firstCharacters(text, TOLD);
  return begun.length < text.length ? `${begun}…` : begun;
}

/** The messages that got no answer, oldest first. @throws if the storage fails */
export const listParked = (sql: Sql): ParkedMessage[] =>
  readParked(sql).map(({ seq, at, reason, message }) => {
    const question = questionIn(message);
    return { seq, at, reason, text: question ? beginning(question.text) : null };
  });

/** A parked message; null where it cannot be read, or calls a command: that is nothing to ask a model. */
function questionIn(json: string | null): InboundMessage | null {
  const sent = parsedJson(InboundMessage, json);
  return sent && (sent.literal || parseCommand(sent.text) === null) ? sent : null;
}

/**
 * Asks parked messages again, each as its sender wrote it, once for each command; the answers go where the command
 * came from, because what they were to go by may have expired. How many were asked. @throws if the storage fails
 */
export function askParked(
  { sql, exchanges }: SessionState,
  turns: Turns,
  { message: { delivery_id, address } }: Exchange,
  seqs: readonly number[],
): number {
  let asked = 0;
  for (const { seq, message } of readParked(sql)) {
    const question = seqs.includes(seq) && questionIn(message);
    if (!question) continue;
    const id = `${delivery_id}:parked:${seq}`;
    // It is no message of now: nothing goes on with it, and it waits behind what is there.
    const again = {
      ...question,
      delivery_id: id,
      address,
      literal: true,
      ref: undefined,
      part: undefined,
    } as const;
    if (!exchanges.knows(id)) turns.ask({ ...again, sequence: undefined });
    unpark(sql, seq);
    asked++;
  }
  return asked;
}

/** Forgets parked messages: all of them or none. @throws if the storage fails */
export const dropParked = (sql: Sql, seqs: readonly number[]): void =>
  sql.atomically(() => {
    for (const seq of seqs) unpark(sql, seq);
  });
