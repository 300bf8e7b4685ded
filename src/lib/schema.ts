import * as v from "valibot";
import { parseJson } from "./json.ts";

/*
 * What schemas share. Two things to know of valibot: its own `number()` takes Infinity, as which JSON's `1e999` is
 * read, so that numbers are the two below; and an object's schema takes an array for an object without fields.
 */

/** A number, but neither NaN nor Infinity: it may become a time or a size. */
export const number = v.custom<number>(Number.isFinite);
/** An integer that a number holds exactly. */
export const int = v.custom<number>(Number.isSafeInteger);
/** A text, a number or a boolean. */
export const scalar = v.custom<string | number | boolean>(
  (value) => typeof value === "string" || typeof value === "boolean" || Number.isFinite(value),
);

/** A field that may be absent, or null. */
export const nullish = <const Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(v.nullable(schema));

/**
 * An optional field that counts as absent when its value does not fit the schema, where one odd field is no
 * reason to refuse the whole message.
 */
export const lenient = <const Schema extends v.GenericSchema>(schema: Schema) =>
  v.fallback(v.optional(schema), undefined);

/** A value as the schema has it; null where it does not fit. No schema of ours gives null otherwise. */
export function parsed<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> | null {
  const { success, output } = v.safeParse(schema, value);
  return success ? output : null;
}

/** The same of a value's JSON, as a text or in UTF-8; null where there is none. */
export const parsedJson = <const Schema extends v.GenericSchema>(
  schema: Schema,
  json: string | Uint8Array | null | undefined,
): v.InferOutput<Schema> | null => parsed(schema, parseJson(json ?? ""));

/** A value of which nothing can be changed, however deep. */
export type Frozen<Value> = { readonly [Field in keyof Value]: Frozen<Value[Field]> };
