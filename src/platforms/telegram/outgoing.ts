import { fileIn } from "../../text/code-file.ts";
import type { SentKeyboard } from "../press.ts";
import type { Content } from "./entities/content.ts";
import { inlineKeyboard } from "./keyboard.ts";
import { GENERAL_TOPIC_ID } from "./limits.ts";
import type { Target } from "./schema.ts";

const DOCUMENT = { type: "document", media: "attach://document" };

/** One message to send, or what an earlier one becomes. */
export interface Outgoing extends Content {
  readonly target: Target;
  readonly keyboard?: SentKeyboard | undefined;
}

/** The parameters of `sendMessage`, `sendRichMessage` or `sendDocument`. The first message of an answer (`index` 0) in a group replies to the question. */
export function messageOf(message: Outgoing, index: number) {
  const { message_thread_id, reply_to_message_id } = message.target;
  const inTopic = message_thread_id !== null && message_thread_id !== GENERAL_TOPIC_ID;
  const replies = reply_to_message_id !== null && index === 0;
  return {
    ...shown(message),
    ...(inTopic && { message_thread_id }),
    ...(replies && {
      reply_parameters: { message_id: reply_to_message_id, allow_sending_without_reply: true },
    }),
  };
}

/** The parameters of `editMessageText` or `editMessageMedia`, which takes away buttons that it does not name. */
export function editOf(message: Outgoing, message_id: string) {
  return { ...shown(message), message_id: Number(message_id) };
}

/** What both say: the chat, and what it shows. */
function shown(message: Outgoing) {
  const { target, rich, keyboard } = message;
  return {
    chat_id: target.chat_id,
    ...(rich === undefined ? said(message) : { rich_message: { markdown: rich } }),
    ...(keyboard && { reply_markup: inlineKeyboard(keyboard) }),
  };
}

function said({ text, entities }: Content) {
  const file = fileIn(text)?.file;
  // Sending reads the one, editing the other, which names it.
  if (file) return { document: file, media: DOCUMENT };
  return { text, ...(entities.length > 0 && { entities }), link_preview_options: { is_disabled: true } };
}
