import type { ChatType } from "../../message/platforms.ts";
import type { Source } from "../../message/source.ts";
import { GENERAL_TOPIC_ID } from "./limits.ts";
import type { CallbackQuery, Message } from "./schema.ts";

/** Telegram reads no more of a webhook's answer than its status. */
export const ANSWER = { ok: true };

/** Who speaks, in which chat and topic. Of the user in a chat with the bot no more may be known than the chat's id. */
export function sourceOf(
  chat_type: ChatType,
  chat: number,
  { id, first_name, last_name, username }: CallbackQuery["from"],
  topic: number | null,
): Source {
  return {
    platform: "telegram",
    chat_type,
    chat_id: String(chat),
    user_id: String(id),
    user_name: [first_name, last_name].filter(Boolean).join(" ") || username,
    thread_id: topic === null ? undefined : String(topic),
  };
}

/** The topic a message is in; null outside forums. A plain reply's `message_thread_id` is none. */
export function topicOf({
  chat,
  is_topic_message,
  message_thread_id,
}: Pick<Message, "chat" | "is_topic_message" | "message_thread_id">): number | null {
  if (is_topic_message && message_thread_id !== undefined) return message_thread_id;
  return chat.is_forum ? GENERAL_TOPIC_ID : null;
}
