import type * as v from "valibot";
import { parsedJson } from "../lib/schema.ts";

/** RFC 7464's sign before a JSON text. No chat's text begins with it. */
const SIGN = "\u001e";

/** A message that is more than its text, as a chunk of an answer. */
export const pack = (message: object): string => SIGN + JSON.stringify(message);

/** The message in a chunk; null where the chunk is a text, such as a line of the session's own. */
export const unpack = <const Schema extends v.GenericSchema>(schema: Schema, chunk: string) =>
  chunk.startsWith(SIGN) ? parsedJson(schema, chunk.slice(1)) : null;
