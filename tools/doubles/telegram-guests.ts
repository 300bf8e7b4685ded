import { isObject } from "../lib/json.ts";
import { type ApiAnswer, bad, good, NOT_MODIFIED } from "./telegram-answers.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** What the bot said in chats that it is no member of: one inline message a query, which it may edit. */
export class GuestBoard {
  /** By query. */
  readonly #ids = new Map<string, string>();
  readonly #texts = new Map<string, string>();

  /** The answer to a query, as it reads now; undefined before there is one. */
  textOf(query: string): string | undefined {
    return this.#texts.get(this.#ids.get(query) ?? "");
  }

  answer({ guest_query_id, result }: Parameters): ApiAnswer {
    const query = String(guest_query_id);
    const content = isObject(result) ? result.input_message_content : undefined;
    const text = isObject(content) ? content.message_text : undefined;
    if (this.#ids.has(query)) return bad(400, "Bad Request: QUERY_ID_INVALID");
    if (typeof text !== "string" || text === "" || !isObject(result) || !result.title) {
      return bad(400, "Bad Request: MESSAGE_EMPTY");
    }
    const inline_message_id = `AgAAA${query}`;
    this.#ids.set(query, inline_message_id);
    this.#texts.set(inline_message_id, text);
    return good({ inline_message_id });
  }

  edit({ inline_message_id, text }: Parameters): ApiAnswer {
    const id = String(inline_message_id);
    if (!this.#texts.has(id)) return bad(400, "Bad Request: MESSAGE_ID_INVALID");
    if (this.#texts.get(id) === text) return NOT_MODIFIED;
    this.#texts.set(id, String(text));
    return good(true);
  }
}
