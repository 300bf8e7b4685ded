import { findCommand } from "../../commands/index.ts";
import type { Addressee } from "../../routing/groups.ts";
import { fileOf } from "./files.ts";
import type { Message } from "./schema.ts";
import { wordsFor } from "./things.ts";

/** This bot. The name is in lower case; null if Telegram did not say: `@name` is then not recognised, ids are. */
export interface Bot {
  readonly id: number;
  readonly username: string | null;
}

/** Whom a message is for, and its text; null where it has neither text nor file. */
export type Addressed = { readonly to: Addressee; readonly text: string } | null;

/** Whether the bot's name is needed to tell whom a message is for: it has an `@name` or a `/command@name`. */
export function namesABot(message: Message): boolean {
  const { text, entities } = content(message);
  return entities.some(
    ({ type, offset, length }) =>
      type === "mention" || (type === "bot_command" && text.slice(offset, offset + length).includes("@")),
  );
}

/**
 * Whom a message is for, and its text without the bot's name in it; a caption counts as text, and the text of a
 * mere file is empty.
 * In a private chat every message is for this bot, except a command for another. In a group a message is if it
 * mentions the bot, replies to it, or is a command: `/name@bot`, or a bare `/name` that this gateway knows. Any
 * other bare command there is some other bot's.
 *
 * Who is meant is read from entities, not from the text: a name in a code block or an address is no mention.
 */
export function addressed(message: Message, bot: Bot): Addressed {
  const { text, entities } = content(message);
  if (text.trim() === "" && fileOf(message) === null) return null;
  const isPrivate = message.chat.type === "private";
  /** Parts of the text that name the bot, in order, to be left out. */
  const names: { from: number; to: number }[] = [];
  let ours = isPrivate || repliesTo(message, bot);
  let others = false;

  for (const { type, offset, length, user } of entities) {
    const word = text.slice(offset, offset + length);
    if (type === "bot_command" && offset === 0) {
      const [name = "", target] = word.slice(1).toLowerCase().split("@");
      if (target === undefined) {
        const isKnown = findCommand(name) !== undefined;
        ours ||= isKnown;
        others = !isKnown;
      } else if (target === bot.username || (isPrivate && bot.username === null)) {
        ours = true;
        names.push({ from: 1 + name.length, to: length });
      } else {
        return { to: "another", text };
      }
    } else if (
      (type === "mention" && bot.username !== null && word.toLowerCase() === `@${bot.username}`) ||
      (type === "text_mention" && user?.id === bot.id)
    ) {
      ours = true;
      const after = /^[,:]?\s*/.exec(text.slice(offset + length))?.[0] ?? "";
      names.push({ from: offset, to: offset + length + after.length });
    }
  }
  if (ours) return { to: "us", text: without(text, names) };
  return { to: others ? "another" : "nobody", text };
}

/** A message's text, or its caption, or what it shows in words. */
function content(message: Message) {
  return message.text === undefined
    ? { text: message.caption ?? wordsFor(message) ?? "", entities: message.caption_entities ?? [] }
    : { text: message.text, entities: message.entities ?? [] };
}

/** In a topic, a message that is no reply names the message that opened the topic, which does not count. */
function repliesTo({ reply_to_message: reply }: Message, bot: Bot): boolean {
  return reply?.from?.id === bot.id && reply.forum_topic_created === undefined;
}

/** The text without these parts; unchanged if nothing would remain, so that a message is never empty. */
function without(text: string, parts: readonly { from: number; to: number }[]): string {
  if (parts.length === 0) return text;
  const rest = parts.reduceRight((kept, { from, to }) => kept.slice(0, from) + kept.slice(to), text).trim();
  return rest === "" ? text : rest;
}
