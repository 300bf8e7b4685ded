import * as v from "valibot";
import type { Frozen } from "../lib/schema.ts";
import { CHAT_TYPES, PLATFORM_NAMES } from "./platforms.ts";

const id = v.optional(v.string());

/** Who spoke, and where, as the platform authenticated it. Ids are strings, never trimmed or folded. */
export const Source = v.object({
  platform: v.picklist(PLATFORM_NAMES),
  chat_type: v.picklist(CHAT_TYPES),
  chat_id: id,
  user_id: id,
  user_name: id,
  thread_id: id,
  guild_id: id,
  /** Discord only: the roles of the sender in the server, if there are any. */
  roles: v.optional(v.array(v.string())),
  /** Hub only: false when the sender's name is not registered there, so that anyone may use it. */
  verified: v.optional(v.boolean()),
  /** Hub only: the level that Hub gives the message, such as `normal`, `flag`, `deprioritize`, `quarantine`. */
  priority: v.optional(v.string()),
});
export type Source = Frozen<v.InferOutput<typeof Source>>;
