import { Recent } from "../../lib/recent.ts";
import { MAX_REMEMBERED_CHATS } from "./limits.ts";

/** Chats in which the server takes no rich message, for as long as the isolate lives. */
const refused = new Recent<number, true>(MAX_REMEMBERED_CHATS);

/** The line below a table's head, an item of a task list, a formula between marks that mean nothing else. */
const WORTH_IT = [
  /^ {0,3}\|?(?: *:?-+:? *\|)+(?: *:?-+:? *)?$/m,
  /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s/m,
  /\$\$|\\\[|\\\(/,
];

/** Telegram would fetch a picture's address, in which an answer could carry the chat away, and HTML makes buttons. */
const MAY_LOAD = /!\[|<[a-z/!?]/i;

const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/;

/**
 * Answers that Telegram's own rich messages show better than entities: those with tables, task lists or formulas.
 * https://core.telegram.org/bots/api#sendrichmessage
 */
export const rich = {
  /** The Markdown that Telegram is to read; undefined where the text goes as an ordinary message. */
  of(text: string): string | undefined {
    if (MAY_LOAD.test(text)) return undefined;
    return WORTH_IT.some((pattern) => pattern.test(text)) ? withFormulas(text) : undefined;
  },

  /** Whether no server has refused one in this chat. */
  isTakenIn: (chat_id: number): boolean => !refused.get(chat_id),

  /** Takes note that a chat's server refused one. */
  refusedIn(chat_id: number): void {
    refused.set(chat_id, true);
  },
};

/** Formulas between the marks that Telegram knows; code stays as it is. */
const withFormulas = (text: string): string =>
  text
    .split(CODE)
    .map((piece, index) => (index % 2 === 1 ? piece : inDollars(piece)))
    .join("");

const inDollars = (text: string): string =>
  text
    .replace(/\\\[([\s\S]+?)\\\]/g, (_, formula: string) => `$$${formula}$$`)
    .replace(/\\\((.+?)\\\)/g, (_, formula: string) => `$${formula.trim()}$`);
