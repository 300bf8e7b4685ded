import * as v from "valibot";
import { CHAT_TYPES, type PlatformName } from "../message/platforms.ts";

/**
 * A home chat that `/sethome` chose: where what nobody asked for goes. Unlike one in routes.yaml it makes nobody an
 * owner, because KV may be written by others.
 */
export const StoredHome = v.object({
  chat_id: v.string(),
  chat_type: v.picklist(CHAT_TYPES),
  thread_id: v.optional(v.string()),
  /** The owner's id. */
  set_by: v.string(),
  /** ISO 8601. */
  set_at: v.string(),
});
export type StoredHome = Readonly<v.InferOutput<typeof StoredHome>>;

/** The KV key under which a platform's home stands. */
export const homeKey = (platform: PlatformName): string => `home:${platform}`;
