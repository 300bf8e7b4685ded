import * as z from "zod/mini";

/** What a file of a message is. */
export const FILE_KINDS = ["image", "voice", "document"] as const;
/** What a message is in the main: its first file, or text. */
export const MODALITIES = ["text", ...FILE_KINDS] as const;
export type Modality = (typeof MODALITIES)[number];

/** A file of a message, not fetched yet. */
export const Attachment = z.object({
  kind: z.enum(FILE_KINDS),
  /** How the platform that wrote it finds the file again. */
  ref: z.string(),
  mime: z.optional(z.string()),
  bytes: z.optional(z.number()),
  /** True for a file of the message that this one replies to: of use, but not what was sent. */
  quoted: z.optional(z.literal(true)),
});
export type Attachment = Readonly<z.infer<typeof Attachment>>;
