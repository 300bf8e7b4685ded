import * as v from "valibot";
import { parts } from "#parts";
import { variable } from "../../env.ts";
import { firstCharacters } from "../../lib/first-characters.ts";
import { own } from "../../lib/own.ts";
import { parsed } from "../../lib/schema.ts";
import { sameSecret } from "../../lib/secret.ts";
import type { Part } from "../../message/message.ts";
import type { ChatType } from "../../message/platforms.ts";
import type { Source } from "../../message/source.ts";
import { labelOf, quoted, unlabelled } from "../../message/speaker.ts";
import { hear } from "../../routing/groups.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import type { Webhook, WebhookEvent } from "../platform.ts";
import { addressed, namesABot } from "./addressing.ts";
import { botId } from "./api.ts";
import { fileOf, quotedPicture } from "./files.ts";
import { botUsername } from "./identity.ts";
import { CUT_TEXT_UNITS, MESSAGE_UNITS, QUOTE_CHARACTERS } from "./limits.ts";
import { pressed } from "./press.ts";
import { isPassedOn, provenanceOf } from "./provenance.ts";
import { CallbackQuery, Message, type Target, Update } from "./schema.ts";
import { ANSWER, sourceOf, topicOf } from "./source.ts";

/** Chat types by the names that sessions and routes use. A channel's posts have no sender to answer. */
const CHAT_TYPES: { readonly [type: string]: ChatType } = {
  private: "dm",
  group: "group",
  supergroup: "group",
};

/**
 * Telegram's webhook. The header with the secret that setWebhook was given is the only proof there is: updates
 * are not signed. An answer other than 2xx makes Telegram send the update again, for up to a day, and hold the
 * chat's later ones back, so an update that is of no use here is answered with 200 too.
 */
export const webhook: Webhook = {
  verify: (request, env) =>
    sameSecret(
      request.headers.get("x-telegram-bot-api-secret-token"),
      variable(env, "TELEGRAM_WEBHOOK_SECRET"),
    ),

  async parse(payload, env, routes, now): Promise<WebhookEvent> {
    const update = parsed(Update, payload);
    if (!update) return { kind: "malformed", detail: "no update_id" };
    if (update.stopped_message_generation) {
      return parts.draft?.stop(update, botId(env), now) ?? ignored("no_drafts");
    }
    if (update.callback_query !== undefined) return press(update, botId(env), routes, now);
    const edit = update.message === undefined && update.edited_message !== undefined;
    const [written] = [update.message, update.edited_message, update.guest_message].filter(
      (found) => found !== undefined,
    );
    if (written === undefined) return ignored(kindOf(payload));
    const read = v.safeParse(Message, written);
    if (!read.success) return { kind: "malformed", detail: `message.${where(read.issues)}` };

    const message = read.output;
    const { chat, from } = message;
    const guest = message.guest_query_id;
    const chat_type = guest === undefined ? own(CHAT_TYPES, chat.type) : "guest";
    if (!chat_type) return ignored(`chat_type ${chat.type}`);
    if (guest !== undefined && (edit || routes.access.guests !== "answer")) return ignored("guest");
    const { migrate_to_chat_id: to, migrate_from_chat_id: old } = message;
    if (to !== undefined) return { kind: "moved", from: String(chat.id), to: String(to) };
    if (old !== undefined) return { kind: "moved", from: String(old), to: String(chat.id) };
    if (message.sender_chat !== undefined) return ignored("sent_as_chat");
    if (!from) return ignored("no_sender");
    if (from.is_bot) return ignored("from_bot");

    const id = botId(env);
    const asks = namesABot(message);
    const username = asks ? await botUsername(env) : null;
    const said = addressed(message, { id, username });
    if (!said) return ignored("no_content");
    const topic = guest === undefined ? topicOf(message) : null;
    const source = sourceOf(chat_type, chat.id, from, topic);
    // It may name this bot, whose name Telegram does not tell right now.
    const isUnknown = said.to !== "us" && asks && username === null;
    // A guest is sent what is for it and nothing else.
    const addressee = guest !== undefined ? "us" : isUnknown ? "unknown" : said.to;
    const hearing = hear(source, addressee, routes.groups);
    if (hearing.kind === "later") return { kind: "later", reason: "bot_name_unknown" };
    if (hearing.kind === "ignore") return ignored(hearing.reason);

    // "What is this?" in reply to a picture asks about that picture.
    const file = fileOf(message) ?? quotedPicture(message.reply_to_message);
    return {
      kind: "message",
      message: {
        delivery_id: `telegram:${id}:${update.update_id}`,
        sequence: update.update_id,
        ref: guest === undefined ? String(message.message_id) : undefined,
        ...(edit && { edit }),
        source,
        text: unlabelled(source, said.text),
        ...(isPassedOn(message) && { literal: true as const }),
        preface: preface(message, source),
        attachments: file ? [file] : undefined,
        part: guest === undefined ? partOf(message) : undefined,
        address: {
          chat_id: chat.id,
          message_thread_id: topic,
          reply_to_message_id: chat_type === "group" ? message.message_id : null,
          ...(guest !== undefined && { guest }),
          ...(routes.telegram?.draft && chat_type === "dm" && { draft: message.message_id }),
          ...(routes.telegram?.rich && { rich: true as const }),
        } satisfies Target,
        received_at: now,
      },
      accepted: ANSWER,
      refused: ANSWER,
      overheard: hearing.kind === "overhear" || undefined,
    };
  },
};

/** Whether this is a part of what was sent as one: apps cut a long text, where they can at its blanks. */
function partOf({ date, media_group_id, forward_origin, text = "" }: Message): Part | undefined {
  if (date === undefined) return undefined;
  return {
    sent_at: date * 1_000,
    ...(media_group_id !== undefined && { album: media_group_id }),
    ...(forward_origin !== undefined && { forwarded: true as const }),
    ...(text.length >= CUT_TEXT_UNITS && { cut: text.length >= MESSAGE_UNITS ? "" : ("\n" as const) }),
  };
}

/** A press on a button below an answer. */
function press(
  { update_id, callback_query }: Update,
  bot: number,
  routes: CompiledRoutes,
  now: number,
): WebhookEvent {
  const read = v.safeParse(CallbackQuery, callback_query);
  if (!read.success) return { kind: "malformed", detail: `callback_query.${where(read.issues)}` };
  const query = read.output;
  const { message, from } = query;
  const chat_type = message && own(CHAT_TYPES, message.chat.type);
  if (!message || !chat_type) return ignored("no_chat");
  const topic = topicOf(message);
  const source = sourceOf(chat_type, message.chat.id, from, topic);
  const target = {
    chat_id: message.chat.id,
    message_thread_id: topic,
    reply_to_message_id: null,
    ...(holds(message, query.data) && { edits: message.message_id }),
  };
  const delivery_id = `telegram:${bot}:${update_id}`;
  return pressed({ query, source, delivery_id, sequence: update_id, target }, routes, now);
}

/** Whether a message has a button with this data. A client may send others: those replace nobody's message. */
const holds = ({ reply_markup }: NonNullable<CallbackQuery["message"]>, data: string | undefined): boolean =>
  reply_markup?.inline_keyboard.flat().some(({ callback_data }) => callback_data === data) === true;

function ignored(reason: string): WebhookEvent {
  return { kind: "ignored", reason };
}

/** What an update is: the name of its other field. */
function kindOf(update: unknown): string {
  const names = typeof update === "object" && update !== null ? Object.keys(update) : [];
  return names.find((name) => name !== "update_id") ?? "empty";
}

/** The first field that is not as documented, by its path; never its value. */
function where([first]: [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  return first.path?.map(({ key }) => String(key)).join(".") ?? "";
}

/** What the model is told before the text: what it replies to; where a session is shared, who speaks; and whose words. */
function preface(message: Message, source: Source): string | undefined {
  const { quote, reply_to_message } = message;
  const before = quote?.text ?? reply_to_message?.text ?? reply_to_message?.caption;
  const reply = before
    ? `[Replying to: ${unlabelled(source, quoted(firstCharacters(before, QUOTE_CHARACTERS)))}]\n\n`
    : "";
  return `${reply}${labelOf(source)}${provenanceOf(message)}` || undefined;
}
