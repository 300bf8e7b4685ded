import * as z from "zod/mini";

/** What a file of a message is. */
export const FILE_KINDS = ["image", "voice", "document"] as const;
/** What a message is for routing: the kind of its first file, or text. */
export const MODALITIES = ["text", ...FILE_KINDS] as const;
export type Modality = (typeof MODALITIES)[number];

/** A file of a message, not fetched yet. */
export const Attachment = z.object({
  kind: z.enum(FILE_KINDS),
  /** What its platform fetches the file by: Telegram's file_id, Discord's URL. */
  ref: z.string(),
  mime: z.optional(z.string()),
  bytes: z.optional(z.number()),
  /** True for a file of the message that this one replies to; without it the text can still be answered. */
  quoted: z.optional(z.literal(true)),
});
export type Attachment = Readonly<z.infer<typeof Attachment>>;
