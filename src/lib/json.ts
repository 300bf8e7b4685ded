const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** A text, or bytes in UTF-8, as JSON; undefined where it is none (JSON itself has no undefined). Never throws. */
export function parseJson(source: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof source === "string" ? source : decoder.decode(source));
  } catch {
    return undefined;
  }
}

export type Json = { readonly [key: string]: unknown };

/** Narrowing by hand, for the reading of streams: there a schema would cost more than the parsing. */
export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const asObject = (value: unknown): Json | null => (isObject(value) ? value : null);
export const asString = (value: unknown): string => (typeof value === "string" ? value : "");
export const asCount = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
