import type { Chat, Message, MessageEntity, Update, User } from "@grammyjs/types";

/** The bot that the double plays. */
export const BOT = { id: 7_001_002_003, username: "talaria_test_bot", first_name: "Talaria" } as const;

/** A person who writes; the id is also the private chat's. */
export interface Person {
  readonly id: number;
  readonly first_name?: string;
  readonly is_bot?: boolean;
}

export interface GroupPlace {
  readonly id: number;
  /** A forum topic. */
  readonly thread_id?: number;
  /** A reply thread of a plain supergroup: an id, but no topic. */
  readonly reply_thread_id?: number;
}

/** Makes updates with ids that go up, as Telegram's do. Storage persists, so the first id is of the clock. */
export class UpdateFactory {
  #updateId: number;
  #messageId = 100;

  /** @param before the update id before the first: by default one that grows with the time */
  constructor(before = Math.floor(Date.now() / 100) % 2_000_000_000) {
    this.#updateId = before;
  }

  /** A message in a private chat; its chat id is the sender's. */
  direct(from: Person, text: string, more: Partial<Message> = {}): Update {
    return this.#message(from, privateChat(from), { text, entities: entitiesOf(text), ...more });
  }

  /** A photo in a private chat, in the two sizes that Telegram makes; `fileId` is the larger one's. */
  photo(from: Person, fileId: string, caption?: string): Update {
    const photo = [
      { file_id: `${fileId}-small`, file_unique_id: `${fileId}-s`, width: 90, height: 67, file_size: 1_404 },
      { file_id: fileId, file_unique_id: `${fileId}-l`, width: 1_280, height: 960 },
    ];
    const words = caption === undefined ? {} : { caption, caption_entities: entitiesOf(caption) };
    return this.file(from, { photo, ...words });
  }

  /** A message in a private chat that has a file in place of a text. */
  file(from: Person, content: Partial<Message>): Update {
    return this.#message(from, privateChat(from), content);
  }

  /** A message in a private chat that replies to the one of another update. */
  reply(from: Person, to: Update, text: string): Update {
    return this.#message(from, privateChat(from), { text, reply_to_message: to.message });
  }

  /** Somebody presses a button, which holds `data`, below a message of the bot. */
  press(from: Person, message_id: number, data: string, place?: GroupPlace): Update {
    const thread =
      place?.thread_id === undefined ? {} : { message_thread_id: place.thread_id, is_topic_message: true };
    const group = place && {
      id: place.id,
      type: "supergroup",
      title: "Mount Olympus",
      ...(place.thread_id && { is_forum: true }),
    };
    const reply_markup = { inline_keyboard: [[{ text: "button", callback_data: data }]] };
    const message = { message_id, date: now(), chat: group ?? privateChat(from), ...thread, reply_markup };
    const callback_query = {
      id: String(this.#messageId++),
      from: userOf(from),
      message,
      chat_instance: "1",
      data,
    };
    return { update_id: this.#nextUpdate(), callback_query } as Update;
  }

  /** The same person presses the stop button below a streamed draft. */
  stopped(from: Person): Update {
    const stopped_message_generation = { chat: privateChat(from), draft_id: 1 };
    return { update_id: this.#nextUpdate(), stopped_message_generation };
  }

  /** A message in a supergroup. `@username` in the text becomes a mention, a leading `/x` a command. */
  group(from: Person, place: GroupPlace, text: string, more: Partial<Message> = {}): Update {
    const chat: Chat = { id: place.id, type: "supergroup", title: "Mount Olympus" };
    if (place.thread_id !== undefined) {
      return this.#message(
        from,
        { ...chat, is_forum: true },
        {
          text,
          entities: entitiesOf(text),
          message_thread_id: place.thread_id,
          is_topic_message: true,
          ...more,
        },
      );
    }
    const thread = place.reply_thread_id === undefined ? {} : { message_thread_id: place.reply_thread_id };
    return this.#message(from, chat, { text, entities: entitiesOf(text), ...thread, ...more });
  }

  /** Somebody summons the bot in a chat that it is no member of. */
  guest(from: Person, chatId: number, text: string, query: string): Update {
    const chat: Chat = { id: chatId, type: "supergroup", title: "Elsewhere" };
    const content = { text, entities: entitiesOf(text), guest_query_id: query };
    const { update_id, message } = this.#message(from, chat, content);
    return { update_id, guest_message: message } as Update;
  }

  /** The same person corrects a message. */
  edited(from: Person, text: string): Update {
    const { message } = this.direct(from, text);
    return { update_id: this.#nextUpdate(), edited_message: { ...message, edit_date: now() } } as Update;
  }

  #message(from: Person, chat: Chat, content: Readonly<Record<string, unknown>>): Update {
    const message = { message_id: this.#messageId++, date: now(), from: userOf(from), chat, ...content };
    return { update_id: this.#nextUpdate(), message } as Update;
  }

  #nextUpdate(): number {
    return this.#updateId++;
  }
}

/** Mentions and the leading command of a text, in UTF-16 units, as Telegram marks them. */
export function entitiesOf(text: string): MessageEntity[] {
  const found: MessageEntity[] = [];
  const command = /^\/\w+(@\w+)?/.exec(text);
  if (command) found.push({ type: "bot_command", offset: 0, length: command[0].length });
  for (const mention of text.matchAll(/(?<!\w)@\w{5,}/g)) {
    const inCommand = command && mention.index < command[0].length;
    if (!inCommand) found.push({ type: "mention", offset: mention.index, length: mention[0].length });
  }
  return found;
}

function privateChat(from: Person): Chat.PrivateChat {
  return { id: from.id, type: "private", first_name: nameOf(from) };
}

function userOf(from: Person): User {
  return { id: from.id, is_bot: from.is_bot ?? false, first_name: nameOf(from), language_code: "en" };
}

function nameOf(from: Person): string {
  return from.first_name ?? `Person ${from.id}`;
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}
