import * as z from "zod";
import { type ContextKey, matchKeyFacts } from "../../src/routing/match-keys.ts";

/** An object in which every key must be known. The message lists the known keys, for whoever reports it. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? ownKeys(shape).join(" ") : undefined),
  });
}

/** The keys that are listed to people: not those that are only accepted from a Hermes config. */
const ownKeys = (shape: z.core.$ZodLooseShape): string[] =>
  Object.entries(shape).flatMap(([key, schema]) =>
    schema instanceof z.ZodType && schema.meta()?.deprecated === true ? [] : [key],
  );

/** Hermes: null, an empty text and an empty list say nothing. */
const none = z.union([z.null(), z.literal(""), z.tuple([])]);
export type None = z.infer<typeof none>;

export const orNone = <Inner extends z.ZodType>(inner: Inner) => z.union([inner, none]);

/** A key that may be missing or say nothing, and what it is for. */
export const field = <Inner extends z.ZodType>(inner: Inner, about: string) =>
  orNone(inner).optional().describe(about);

export const word = z.string().regex(/\S/, "must not be empty");
export const name = z.union([word, z.number()]);
export const positive = z.number().positive("must be more than 0");

/** Whether a match key's values are true and false, so that a bare one means itself. */
export const isYesOrNo = (key: ContextKey): boolean => matchKeyFacts(key).values?.includes("true") ?? false;

/** `a`, `a and b`, `a, b and c`. */
export function inWords(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}
