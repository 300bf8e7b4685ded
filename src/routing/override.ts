import * as v from "valibot";

const text = v.optional(v.nullable(v.string()));

/** KV's value for `override:<session key>`; other fields, above all keys, are dropped on reading. */
export const StoredOverride = v.object({
  model: v.string(),
  provider: text,
  base_url: text,
  set_by: text,
  /** ISO 8601. */
  set_at: text,
});
export type StoredOverride = Readonly<v.InferOutput<typeof StoredOverride>>;
