import * as z from "zod/mini";
import { Attachment, type Modality } from "./files.ts";
import { Source } from "./source.ts";

/** Where an answer goes. Plain JSON, stored with the message; only the platform that wrote it reads it. */
export const Address = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.undefined()]),
);
export type Address = Readonly<z.infer<typeof Address>>;

/** One message to answer, after its platform proved and parsed it. This is its type and how it is stored. */
export const InboundMessage = z.object({
  /** Idempotency key: unique within the platform, the same on every redelivery. */
  delivery_id: z.string(),
  /** The platform's running number (Telegram's update_id): messages that wait together are answered in its order. */
  sequence: z.optional(z.number()),
  source: Source,
  text: z.string(),
  /** True where the user chose to talk to the model: the text is no command, even if it starts with `/`. */
  literal: z.optional(z.literal(true)),
  /** `[Replying to: "…"]` and the like, put before the text that the model sees. */
  preface: z.optional(z.string()),
  attachments: z.optional(z.array(Attachment)),
  /** The seq of the exchange that is out of the conversation once this one's answer is in it (`/retry`). */
  replaces: z.optional(z.number()),
  address: Address,
  /** Unix milliseconds. */
  received_at: z.number(),
});

type Frozen<Value> = { readonly [Field in keyof Value]: Frozen<Value[Field]> };
export type InboundMessage = Frozen<z.infer<typeof InboundMessage>>;

/** What a message is for routing: the kind of its first file, or text. */
export function modalityOf({ attachments }: Pick<InboundMessage, "attachments">): Modality {
  return attachments?.[0]?.kind ?? "text";
}
