import * as z from "zod/mini";
import { lenient } from "../../lib/lenient.ts";

/** The parts of the Bot API's objects that the gateway reads; whatever else they hold is left out. */

const User = z.object({
  // At most 52 significant bits, so a number holds it (Bot API, User).
  id: z.int(),
  is_bot: z.optional(z.boolean()),
  first_name: z.optional(z.string()),
  last_name: z.optional(z.string()),
  username: z.optional(z.string()),
});

/** Offset and length are in UTF-16 units. */
const Entity = z.object({
  type: z.string(),
  offset: z.int(),
  length: z.int(),
  user: z.optional(z.object({ id: z.int() })),
});

const File = z.object({
  file_id: z.string(),
  file_size: z.optional(z.number()),
  /** As the sender's app defined it. */
  mime_type: z.optional(z.string()),
});
const PhotoSize = z.extend(File, { width: z.int(), height: z.int() });

/**
 * What a message carries, one of them: an animation comes as a document too, a live photo as a photo. Lenient,
 * here and below, where a message can be answered without: a refusal would make Telegram hold the chat back.
 */
const Files = z.object({
  photo: lenient(z.array(PhotoSize)),
  document: lenient(File),
  voice: lenient(File),
  audio: lenient(File),
  video: lenient(File),
  video_note: lenient(File),
});
export type Files = z.infer<typeof Files>;

const RepliedTo = z.extend(z.pick(Files, { photo: true, document: true }), {
  from: z.optional(z.object({ id: z.int() })),
  text: z.optional(z.string()),
  caption: z.optional(z.string()),
  /** Set on the service message that every message of a forum topic counts as a reply to. */
  forum_topic_created: z.optional(z.unknown()),
});

export const Message = z.extend(Files, {
  message_id: z.int(),
  from: z.optional(User),
  /** Set when a chat speaks: an anonymous administrator, a channel. `from` is then a stand-in. */
  sender_chat: z.optional(z.unknown()),
  chat: z.object({ id: z.int(), type: z.string(), is_forum: z.optional(z.boolean()) }),
  /** Also set on plain replies, where it names no topic. */
  message_thread_id: z.optional(z.int()),
  is_topic_message: z.optional(z.boolean()),
  /** The group has become this supergroup, or this supergroup was that group: each chat gets one of the two. */
  migrate_to_chat_id: z.optional(z.int()),
  migrate_from_chat_id: z.optional(z.int()),
  text: z.optional(z.string()),
  entities: lenient(z.array(Entity)),
  caption: z.optional(z.string()),
  caption_entities: lenient(z.array(Entity)),
  reply_to_message: lenient(RepliedTo),
  /** The part of the message replied to that the sender chose. */
  quote: lenient(z.object({ text: z.string() })),
});
export type Message = z.infer<typeof Message>;

/** A press on a button. The message that holds it may be too old to be told whole, and has no date then. */
export const CallbackQuery = z.object({
  id: z.string(),
  from: User,
  message: z.optional(
    z.extend(
      z.pick(Message, { message_id: true, chat: true, message_thread_id: true, is_topic_message: true }),
      {
        reply_markup: lenient(
          z.object({
            inline_keyboard: z.array(z.array(z.object({ callback_data: z.optional(z.string()) }))),
          }),
        ),
      },
    ),
  ),
  data: z.optional(z.string()),
});
export type CallbackQuery = z.infer<typeof CallbackQuery>;

/** The user pressed the button below a streamed draft; private chats only, so the chat is the user. */
const Stopped = z.object({
  chat: z.object({ id: z.int() }),
  message_thread_id: z.optional(z.int()),
});

export type Stopped = z.infer<typeof Stopped>;

/** An update holds at most one more field, named after what it is. */
export const Update = z.object({
  update_id: z.int(),
  message: z.optional(z.unknown()),
  callback_query: z.optional(z.unknown()),
  stopped_message_generation: lenient(Stopped),
});
export type Update = z.infer<typeof Update>;

/** What every method answers. */
export const Answer = z.object({
  ok: z.boolean(),
  result: z.optional(z.unknown()),
  error_code: z.optional(z.number()),
  description: z.optional(z.string()),
  parameters: z.optional(
    z.object({ migrate_to_chat_id: z.optional(z.int()), retry_after: z.optional(z.number()) }),
  ),
});
export type Answer = z.infer<typeof Answer>;

/** Results of the methods this adapter calls. */
export const Sent = z.object({ message_id: z.int() });
export const Me = z.object({ username: z.string() });
export const FilePath = z.object({
  file_size: z.optional(z.number()),
  /** What follows the token in the file's address, which is good for an hour. */
  file_path: z.optional(z.string()),
});

/** Where an answer goes: what `webhook.ts` stores and `delivery.ts` reads back. */
export const Target = z.object({
  chat_id: z.int(),
  /** The topic, or null; 1 is a forum's General topic. */
  message_thread_id: z.nullable(z.int()),
  /** The message that the answer replies to; null in private chats. */
  reply_to_message_id: z.nullable(z.int()),
  /** The message that the answer replaces: the one whose button was pressed. */
  edits: z.optional(z.int()),
});
export type Target = z.infer<typeof Target>;
