import * as v from "valibot";
import { type Frozen, nullish, number, scalar } from "../lib/schema.ts";
import { Attachment, type Modality } from "./files.ts";
import { Source } from "./source.ts";

/** Where an answer goes. Plain JSON, stored with the message; only the platform that wrote it reads it. */
export const Address = v.record(v.string(), nullish(scalar));
export type Address = Readonly<v.InferOutput<typeof Address>>;

/** What tells whether messages that follow each other were one when their sender wrote them. */
const Part = v.object({
  /** When it was sent, in Unix milliseconds (Telegram tells whole seconds). */
  sent_at: number,
  /** The album that it is a picture of. */
  album: v.optional(v.string()),
  /** There where the sender's app may have cut the text here: what stood between it and the next part. */
  cut: v.optional(v.picklist(["", "\n"])),
  forwarded: v.optional(v.literal(true)),
});
export type Part = Readonly<v.InferOutput<typeof Part>>;

/** One message to answer, after its platform proved and parsed it. This is its type and how it is stored. */
export const InboundMessage = v.object({
  /** Idempotency key: unique within the platform, the same on every redelivery. */
  delivery_id: v.string(),
  /** The platform's running number (Telegram's update_id): messages that wait together are answered in its order. */
  sequence: v.optional(number),
  /** The platform's name of the message in its chat, by which an edit finds it; absent where it cannot be edited. */
  ref: v.optional(v.string()),
  /** True for an edit: no message by itself, but the new text of the one with its `ref`, if that still waits. */
  edit: v.optional(v.literal(true)),
  /** The `sequence` of the newest edit that it has. */
  edited: v.optional(number),
  source: Source,
  text: v.string(),
  /** True where the user chose to talk to the model: the text is no command, even if it starts with `/`. */
  literal: v.optional(v.literal(true)),
  /** `[Replying to: "…"]` and the like, put before the text that the model sees. */
  preface: v.optional(v.string()),
  attachments: v.optional(v.array(Attachment)),
  /** Absent where the platform sends every message whole. */
  part: v.optional(Part),
  /** The seq of the exchange that is out of the conversation once this one's answer is in it (`/retry`). */
  replaces: v.optional(number),
  /** A background task's question: the seq of the command that began it, which is the task's id. */
  task: v.optional(number),
  /** What its answer begins with: that the conversation before it has ended. */
  notice: v.optional(v.string()),
  /** Of a message that the scheduler made: who delivers its answer (`via`), and what else it says of the run. */
  run: v.optional(Address),
  address: Address,
  /** Unix milliseconds. */
  received_at: number,
});

export type InboundMessage = Frozen<v.InferOutput<typeof InboundMessage>>;

/** What a message is for routing: the kind of its first file, or text. */
export function modalityOf({ attachments }: Pick<InboundMessage, "attachments">): Modality {
  return attachments?.[0]?.kind ?? "text";
}
