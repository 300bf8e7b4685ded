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
  /** Hub only: how Hub rates the sender: `normal`, `flag`, `deprioritize` or `quarantine`. */
  priority: id,
  /** Hub only: false when the sender's name is not registered there, so that anyone may use it. */
  verified: z.optional(z.boolean()),
});
export type Source = Readonly<z.infer<typeof Source>>;
