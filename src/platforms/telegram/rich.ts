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

/** What a rich message holds. Each block, item and row has a line of its own at least. */
const MAX_CHARACTERS = 32_768;
const MAX_BLOCKS = 500;

const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/;

/**
 * Answers that Telegram's own rich messages show better than entities: those with tables, task lists or formulas.
 * https://core.telegram.org/bots/api#sendrichmessage
 */
export const rich = {
  /** Whether an answer is to be one, however many ordinary messages it would take. */
  suits(text: string): boolean {
    if (MAY_LOAD.test(text) || text.length > MAX_CHARACTERS) return false;
    return text.split("\n").length <= MAX_BLOCKS && WORTH_IT.some((pattern) => pattern.test(text));
  },

  /** The Markdown that Telegram is to read; undefined where a server has refused one in this chat. */
  markdownFor: (chat_id: number, text: string): string | undefined =>
    refused.get(chat_id) ? undefined : withFormulas(text),

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
