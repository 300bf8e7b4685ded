import * as v from "valibot";
import { number, parsed, parsedJson } from "../../lib/schema.ts";
import { InboundMessage } from "../../message/message.ts";
import { delivererOf } from "../../platforms/index.ts";
import { SentKeyboard } from "../../platforms/press.ts";
import { type Outcome, readOutcome } from "../outcome.ts";

/**
 * How often sending the chunk in hand has failed, may have been shown after all, and was asked to wait; and when it
 * was tried first (Unix milliseconds).
 */
export const SendTries = v.object({
  failures: number,
  uncertain: number,
  waits: number,
  first_at: v.optional(number),
});
export type SendTries = Readonly<v.InferOutput<typeof SendTries>>;
export const NO_TRIES: SendTries = { failures: 0, uncertain: 0, waits: 0 };

/**
 * A message on its way through the session.
 * - `waiting`: stored, not answered yet (its turn may be running);
 * - `answered`: the answer is stored, not all of it is delivered;
 * - `done`: delivered, or nothing to deliver.
 */
export interface Exchange {
  readonly seq: number;
  readonly delivery_id: string;
  message: InboundMessage;
  state: "waiting" | "answered" | "done";
  /** How often its turn was started without coming to an end. */
  tries: number;
  outcome: Outcome;
  /** The answer, one for each platform message; empty before there is one, or where nothing is said. */
  chunks: readonly Piece[];
  /** Platform message ids of the chunks delivered so far; null where the platform gave none. In a terminal: the texts. */
  sent: readonly (string | null)[];
  /** Whether the next chunk may be on its way: set before it is sent, cleared when it is known not to be shown. */
  sending: boolean;
  /** What the user sees of the answer while it is written; in memory only. */
  shown: string;
  /** The platform's id of the message that the answer grows in while it is written; null before there is one. */
  live: string | null;
  /** Whether it may have been shown already, by a try whose end nobody saw. In memory only: `sending` tells it. */
  uncertain: boolean;
  sends: SendTries;
  /** Unix milliseconds before which it is not taken up; null where nothing is waited for. */
  wake_at: number | null;
  /** What the conversation keeps of it; in memory only, from the answer on, and null where it ends without one. */
  said: Answered["said"];
}

/** What a turn's end writes beside the answer. */
export interface Answered {
  readonly outcome: Outcome;
  readonly chunks: readonly Piece[];
  /** Question and answer as later turns see them; null where they are no part of the conversation. */
  readonly said: { readonly question: string; readonly answer: string } | null;
  /** What the turn used, as JSON; null where no endpoint was asked. */
  readonly usage: string | null;
}

/** One platform message of an answer: its text, and the buttons below it if it has any. */
export type Piece = string | Readonly<v.InferOutput<typeof WithButtons>>;
const WithButtons = v.object({ text: v.string(), keyboard: SentKeyboard });
const Piece = v.custom<Piece>((value) => typeof value === "string" || parsed(WithButtons, value) !== null);

const Chunks = v.array(Piece);
export const Ids = v.array(v.nullable(v.string()));

/** A message that was just stored under this seq. */
export const newExchange = (seq: number, message: InboundMessage): Exchange => ({
  seq,
  delivery_id: message.delivery_id,
  message,
  state: "waiting",
  tries: 0,
  outcome: "ok",
  chunks: [],
  sent: [],
  sending: false,
  shown: "",
  live: null,
  uncertain: false,
  sends: NO_TRIES,
  wake_at: null,
  said: null,
});

export const OPEN_COLUMNS =
  "seq, state, tries, sending, wake_at, delivery_id, live, outcome, sent, sends, message, chunks";
export type OpenRow = {
  readonly seq: number;
  readonly state: string;
  readonly tries: number;
  readonly sending: number | null;
  readonly wake_at: number | null;
  readonly delivery_id: string;
  readonly live: string | null;
  readonly outcome: string | null;
  readonly sent: string | null;
  readonly sends: string | null;
  readonly message: string | null;
  readonly chunks: string | null;
};
export type Column = keyof OpenRow | "kept" | "usage" | "question" | "answer";

/** A stored exchange; null where this version cannot read it, or has not its platform. */
export function readExchange(row: OpenRow): Exchange | null {
  const message = parsedJson(InboundMessage, row.message);
  const chunks = parsedJson(Chunks, row.chunks ?? "[]");
  const sent = parsedJson(Ids, row.sent ?? "[]");
  if (!message || !chunks || !sent || !delivererOf(message)) return null;
  return {
    ...newExchange(row.seq, message),
    delivery_id: row.delivery_id,
    state: row.state === "answered" ? "answered" : "waiting",
    tries: row.tries,
    outcome: readOutcome(row.outcome),
    chunks,
    sent,
    sending: row.sending !== null,
    live: row.live,
    uncertain: row.sending !== null,
    sends: parsedJson(SendTries, row.sends) ?? NO_TRIES,
    wake_at: row.wake_at,
  };
}
