import * as z from "zod/mini";
import { CHAT_TYPES, PLATFORM_NAMES } from "./platforms.ts";

const id = z.optional(z.string());

/** Who spoke, and where, as the platform authenticated it. Ids are strings, never trimmed or folded. */
export const Source = z.object({
  platform: z.enum(PLATFORM_NAMES),
  chat_type: z.enum(CHAT_TYPES),
  chat_id: id,
  user_id: id,
  user_name: id,
  thread_id: id,
  guild_id: id,
  /** Hub only: false when the sender's name is not registered there, so that anyone may use it. */
  verified: z.optional(z.boolean()),
  /** Hub only: the level that Hub gives the message, such as `normal`, `flag`, `deprioritize`, `quarantine`. */
  priority: z.optional(z.string()),
});
export type Source = Readonly<z.infer<typeof Source>>;
