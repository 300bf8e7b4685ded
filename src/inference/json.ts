/** Cheap narrowing of parsed JSON on the hot path; a schema library would cost more than the parse. */

export type Json = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const asObject = (value: unknown): Json | null => (isObject(value) ? value : null);
export const asString = (value: unknown): string => (typeof value === "string" ? value : "");
export const asCount = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
