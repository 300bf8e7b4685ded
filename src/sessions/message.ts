import * as z from "zod/mini";
import { findPlatform } from "../platforms/index.ts";
import { FILE_KINDS, type InboundMessage } from "../platforms/platform.ts";
import { CHAT_TYPES, PLATFORMS } from "../routing/types.ts";

const text = z.optional(z.string());

const shape = {
  delivery_id: z.string(),
  sequence: z.optional(z.number()),
  source: z.object({
    platform: z.enum(PLATFORMS),
    chat_type: z.enum(CHAT_TYPES),
    chat_id: text,
    user_id: text,
    user_name: text,
    thread_id: text,
    guild_id: text,
    verified: z.optional(z.boolean()),
  }),
  text: z.string(),
  literal: z.optional(z.literal(true)),
  preface: text,
  attachments: z.optional(
    z.array(
      z.object({
        kind: z.enum(FILE_KINDS),
        ref: z.string(),
        mime: text,
        bytes: z.optional(z.number()),
        quoted: z.optional(z.literal(true)),
      }),
    ),
  ),
  address: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  received_at: z.number(),
} satisfies { readonly [Field in keyof InboundMessage]-?: z.ZodMiniType };

const stored = z.object(shape);

/** A message as the inbox stores it; null where it is not one, or of a platform that this version has not. */
export function parseMessage(json: string): InboundMessage | null {
  try {
    const message = stored.parse(JSON.parse(json));
    return findPlatform(message.source.platform) ? message : null;
  } catch {
    return null;
  }
}
