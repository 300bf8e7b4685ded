import * as z from "zod/mini";

/**
 * An optional field that counts as absent when its value does not fit the schema, where one odd field is no
 * reason to refuse the whole message. (zod's own `catch` would add 2 KB to the bundle.)
 */
export function lenient<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.optional(
    z.pipe(
      z.unknown(),
      z.transform((value): z.output<Schema> | undefined => schema.safeParse(value).data),
    ),
  );
}
