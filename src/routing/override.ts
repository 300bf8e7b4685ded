import * as z from "zod/mini";

const text = z.optional(z.nullable(z.string()));

/** KV's value for `override:<session key>`; other fields, above all keys, are dropped on reading. */
export const StoredOverride = z.object({
  model: z.string(),
  provider: text,
  base_url: text,
  set_by: text,
  /** ISO 8601. */
  set_at: text,
});
export type StoredOverride = Readonly<z.infer<typeof StoredOverride>>;
