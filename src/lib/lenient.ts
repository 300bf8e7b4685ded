import * as z from "zod/mini";

/**
 * A field that counts as absent when it is not of its schema: of no use to refuse a whole message for. (zod's own
 * `catch` would bring 2 KB of it into the bundle.)
 */
export function lenient<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.optional(
    z.pipe(
      z.unknown(),
      z.transform((value): z.output<Schema> | undefined => schema.safeParse(value).data),
    ),
  );
}
