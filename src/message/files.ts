import * as v from "valibot";
import { number } from "../lib/schema.ts";

/** What a file of a message is. */
const FILE_KINDS = ["image", "voice", "document"] as const;
/** What a message is for routing: the kind of its first file, or text. */
export const MODALITIES = ["text", ...FILE_KINDS] as const;
export type Modality = (typeof MODALITIES)[number];

/** A file of a message, not fetched yet. */
export const Attachment = v.object({
  kind: v.picklist(FILE_KINDS),
  /** What its platform fetches the file by: Telegram's file_id, Discord's URL. */
  ref: v.string(),
  /** What its sender calls it. A voice message has none: it is spoken, and no file. */
  name: v.optional(v.string()),
  mime: v.optional(v.string()),
  bytes: v.optional(number),
  /** True for a file of the message that this one replies to; without it the text can still be answered. */
  quoted: v.optional(v.literal(true)),
});
export type Attachment = Readonly<v.InferOutput<typeof Attachment>>;
