import * as v from "valibot";
import { int, lenient, number } from "../../lib/schema.ts";

/** The parts of the Bot API's objects that the gateway reads; whatever else they hold is left out. */

const User = v.object({
  // At most 52 significant bits, so a number holds it (Bot API, User).
  id: int,
  is_bot: v.optional(v.boolean()),
  first_name: v.optional(v.string()),
  last_name: v.optional(v.string()),
  username: v.optional(v.string()),
});

/** Offset and length are in UTF-16 units. */
const Entity = v.object({
  type: v.string(),
  offset: int,
  length: int,
  user: v.optional(v.object({ id: int })),
});

const File = v.object({
  file_id: v.string(),
  file_size: v.optional(number),
  /** As the sender's app defined them. */
  file_name: v.optional(v.string()),
  mime_type: v.optional(v.string()),
  /** Of music. */
  title: v.optional(v.string()),
});
const PhotoSize = v.object({ ...File.entries, width: int, height: int });

/**
 * What a message carries, one of them: an animation comes as a document too, a live photo as a photo. Lenient,
 * here and below, where a message can be answered without: a refusal would make Telegram hold the chat back.
 */
const Files = v.object({
  photo: lenient(v.array(PhotoSize)),
  document: lenient(File),
  voice: lenient(File),
  audio: lenient(File),
  video: lenient(File),
  video_note: lenient(File),
});
export type Files = v.InferOutput<typeof Files>;

/** What a message shows that is no file. A venue comes with its location beside it. */
const Things = v.object({
  location: lenient(v.object({ latitude: number, longitude: number })),
  venue: lenient(v.object({ title: v.string(), address: v.string() })),
  contact: lenient(
    v.object({ phone_number: v.string(), first_name: v.string(), last_name: v.optional(v.string()) }),
  ),
  sticker: lenient(v.object({ emoji: v.optional(v.string()) })),
});
export type Things = v.InferOutput<typeof Things>;

const Chat = lenient(v.object({ title: v.optional(v.string()) }));

/** Who wrote what is forwarded; of whatever shape, it is forwarded. */
const Origin = v.fallback(
  v.object({
    sender_user: lenient(User),
    sender_user_name: lenient(v.string()),
    sender_chat: Chat,
    chat: Chat,
  }),
  {},
);

const RepliedTo = v.object({
  photo: Files.entries.photo,
  document: Files.entries.document,
  from: v.optional(v.object({ id: int })),
  text: v.optional(v.string()),
  caption: v.optional(v.string()),
  /** Set on the service message that every message of a forum topic counts as a reply to. */
  forum_topic_created: v.optional(v.unknown()),
});

export const Message = v.object({
  ...Files.entries,
  ...Things.entries,
  message_id: int,
  /** In Unix seconds. */
  date: lenient(int),
  from: v.optional(User),
  /** Set when a chat speaks: an anonymous administrator, a channel. `from` is then a stand-in. */
  sender_chat: v.optional(v.unknown()),
  chat: v.object({ id: int, type: v.string(), is_forum: v.optional(v.boolean()) }),
  /** Of a guest message: it is answered by this, and not in its chat. */
  guest_query_id: v.optional(v.string()),
  /** Also set on plain replies, where it names no topic. */
  message_thread_id: v.optional(int),
  is_topic_message: v.optional(v.boolean()),
  /** The group has become this supergroup, or this supergroup was that group: each chat gets one of the two. */
  migrate_to_chat_id: v.optional(int),
  migrate_from_chat_id: v.optional(int),
  /** The same for every picture of an album, each of which is a message. */
  media_group_id: lenient(v.string()),
  forward_origin: v.optional(Origin),
  /** The bot whose inline result it is. */
  via_bot: v.optional(v.unknown()),
  text: v.optional(v.string()),
  entities: lenient(v.array(Entity)),
  caption: v.optional(v.string()),
  caption_entities: lenient(v.array(Entity)),
  reply_to_message: lenient(RepliedTo),
  /** The part of the message replied to that the sender chose. */
  quote: lenient(v.object({ text: v.string() })),
});
export type Message = v.InferOutput<typeof Message>;

const { message_id, chat, message_thread_id, is_topic_message } = Message.entries;

/** A press on a button. The message that holds it may be too old to be told whole, and has no date then. */
export const CallbackQuery = v.object({
  id: v.string(),
  from: User,
  message: v.optional(
    v.object({
      message_id,
      chat,
      message_thread_id,
      is_topic_message,
      reply_markup: lenient(
        v.object({
          inline_keyboard: v.array(v.array(v.object({ callback_data: v.optional(v.string()) }))),
        }),
      ),
    }),
  ),
  data: v.optional(v.string()),
});
export type CallbackQuery = v.InferOutput<typeof CallbackQuery>;

/** An update holds at most one more field, named after what it is. */
export const Update = v.object({
  update_id: int,
  message: v.optional(v.unknown()),
  guest_message: v.optional(v.unknown()),
  edited_message: v.optional(v.unknown()),
  callback_query: v.optional(v.unknown()),
  stopped_message_generation: v.optional(v.unknown()),
});
export type Update = v.InferOutput<typeof Update>;

/** What every method answers. */
export const Answer = v.object({
  ok: v.boolean(),
  result: v.optional(v.unknown()),
  error_code: v.optional(number),
  description: v.optional(v.string()),
  parameters: v.optional(v.object({ migrate_to_chat_id: v.optional(int), retry_after: v.optional(number) })),
});
export type Answer = v.InferOutput<typeof Answer>;

/** Results of the methods this adapter calls. */
export const Sent = v.object({ message_id: int });
export const Me = v.object({ username: v.string() });
export const FilePath = v.object({
  file_size: v.optional(number),
  /** What follows the token in the file's address, which is good for an hour. */
  file_path: v.optional(v.string()),
});

/** Where an answer goes: what `webhook.ts` stores and `delivery.ts` reads back. */
export const Target = v.object({
  chat_id: int,
  /** The topic, or null; 1 is a forum's General topic. */
  message_thread_id: v.nullable(int),
  /** The message that the answer replies to; null in private chats. */
  reply_to_message_id: v.nullable(int),
  /** The message that the answer replaces: the one whose button was pressed. */
  edits: v.optional(int),
  /** The draft that shows the answer while it is written, where routes.yaml says so; private chats only. */
  draft: v.optional(int),
  /** The query by which a chat that the bot is no member of asks it. */
  guest: v.optional(v.string()),
  /** True where routes.yaml wants rich messages. */
  rich: v.optional(v.literal(true)),
});
export type Target = v.InferOutput<typeof Target>;
