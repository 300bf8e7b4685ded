import * as z from "zod/mini";
import { CHAT_TYPES, type PlatformName } from "../message/platforms.ts";

/**
 * A home chat that `/sethome` chose: where what nobody asked for goes. Unlike one in routes.yaml it makes nobody an
 * owner, because KV may be written by others.
 */
export const StoredHome = z.object({
  chat_id: z.string(),
  chat_type: z.enum(CHAT_TYPES),
  thread_id: z.optional(z.string()),
  /** The owner's id. */
  set_by: z.string(),
  /** ISO 8601. */
  set_at: z.string(),
});
export type StoredHome = Readonly<z.infer<typeof StoredHome>>;

/** The KV key under which a platform's home stands. */
export const homeKey = (platform: PlatformName): string => `home:${platform}`;
