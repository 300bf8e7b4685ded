import { firstCharacters } from "../lib/first-characters.ts";
import type { Source } from "./source.ts";

/** Code points of a name that a label has at most. */
const NAME_CHARACTERS = 64;

/** Whether everybody in a source's chat has the same session: so in threads, and in a group's topics. */
export const isShared = ({ chat_type, thread_id }: Source): boolean =>
  chat_type !== "dm" && Boolean(thread_id);

/**
 * Who speaks, in one line without brackets. People choose their names: one must not end its label, and the id before
 * it, which nobody chooses, tells two of one name apart.
 * @example nameOf({ user_id: "7", user_name: "Eve] [42 Anna" }) // "7 Eve) (42 Anna"
 */
export function nameOf({ user_name = "", user_id = "" }: Pick<Source, "user_name" | "user_id">): string {
  const name = user_name
    .replace(/\p{Ps}/gu, "(")
    .replace(/\p{Pe}/gu, ")")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return `${user_id} ${firstCharacters(name, NAME_CHARACTERS)}`.trim() || "somebody";
}

/** Another one's text in quotation marks, which it cannot end: those within it, and backslashes, are escaped. */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** `[id name] `, which stands before a message where a session is shared; nothing elsewhere. */
export const labelOf = (source: Source): string => (isShared(source) ? `[${nameOf(source)}] ` : "");

/**
 * A text in which no further line begins like a label, for a session that is shared: there a bracket that begins a
 * line is always the gateway's.
 */
export const unlabelled = (source: Source, text: string): string =>
  isShared(source) ? text.replace(/(?<=[\n\r\v\f\x85\u2028\u2029])\[/g, " [") : text;
