import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { Message } from "@grammyjs/types";
import { type Interaction, InteractionFactory } from "../../tools/doubles/discord-interactions.ts";
import { UpdateFactory } from "../../tools/doubles/telegram-updates.ts";
import type { Place } from "./places.ts";
import { BOT_NAME } from "./telegram.ts";

/** A PKCS #8 Ed25519 key with a fixed seed: the application's. */
const KEY = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${"5e".repeat(32)}`, "hex"),
  format: "der",
  type: "pkcs8",
});
export const DISCORD_PUBLIC_KEY = createPublicKey(KEY)
  .export({ format: "der", type: "spki" })
  .subarray(-32)
  .toString("hex");
export const DISCORD_APPLICATION = "1417636184355000000";
export const TELEGRAM_SECRET = "telegram-webhook-secret";

/** Where people write a command as text. */
const MENTION = `@${BOT_NAME}`;

/** A request that a platform, or somebody who claims to be one, makes of the gateway. */
export interface Post {
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** Writes webhooks as the platforms do: really signed, or with their secret. */
export class PostFactory {
  readonly #updates = new UpdateFactory(1_000_000);
  readonly #interactions = new InteractionFactory(DISCORD_APPLICATION);

  /** A message of Telegram; `chat` is the id that the place's chat has at this time. A `murmur` addresses nobody. */
  update(place: Place, chat: string, text: string, more: Partial<Message> = {}, murmur = false) {
    const from = { id: Number(place.user), first_name: place.kind };
    if (!chat.startsWith("-")) return this.#updates.direct(from, text, more);
    const words = murmur
      ? text
      : text.startsWith("/")
        ? text.replace(/^\/\w+/, `$&${MENTION}`)
        : `${MENTION} ${text}`;
    const group = { id: Number(chat), ...(place.thread !== undefined && { thread_id: place.thread }) };
    return this.#updates.group(from, group, words);
  }

  /** The correction of a message that was sent in a direct chat. */
  edit(place: Place, message: Message, text: string) {
    const { update_id } = this.#updates.edited({ id: Number(place.user) }, text);
    return { update_id, edited_message: { ...message, text } };
  }

  /** What Telegram tells in a group's old chat and in its new one when it becomes a supergroup. */
  moves(place: Place, old: string, next: string): Post[] {
    const from = { id: Number(place.user) };
    return [
      { id: Number(old), what: { migrate_to_chat_id: Number(next) } },
      { id: Number(next), what: { migrate_from_chat_id: Number(old) } },
    ].map(({ id, what }) => {
      const { update_id, message } = this.#updates.group(from, { id }, "");
      return this.telegram({ update_id, message: { ...message, text: undefined, ...what } });
    });
  }

  telegram(update: unknown, secret = TELEGRAM_SECRET): Post {
    return json("/webhooks/telegram", update, { "x-telegram-bot-api-secret-token": secret });
  }

  /** A chat command, or (`command` false) a question to the model. */
  interaction(place: Place, text: string, command: boolean): Interaction {
    const where = {
      user_id: place.user,
      channel_id: place.chat,
      ...(place.scene === "server" || place.scene === "thread" ? { guild_id: "9" } : {}),
      thread: place.scene === "thread",
      user_install: place.scene === "user_install",
    };
    if (!command) return this.#interactions.command(where, "ask", { prompt: text });
    const [name = "", ...args] = text.slice(1).split(" ");
    return this.#interactions.command(where, name, args.length > 0 ? { name: args.join(" ") } : {});
  }

  /** `now` is in Unix milliseconds. */
  discord(interaction: Interaction, now: number): Post {
    const body = JSON.stringify(interaction);
    const timestamp = String(Math.floor(now / 1_000));
    const signature = sign(null, Buffer.from(timestamp + body), KEY).toString("hex");
    const headers = { "x-signature-ed25519": signature, "x-signature-timestamp": timestamp };
    return { ...json("/webhooks/discord", interaction, headers), body };
  }

  hub(callback: unknown): Post {
    return json("/webhooks/hub", callback, {});
  }

  /** The same by somebody who cannot prove to be the platform. A callback of Hub is taken for no more than a hint. */
  forgery(place: Place, text: string, now: number): Post {
    if (place.platform === "hub") return this.hub({ id: "0".repeat(16), from: place.user, message: text });
    if (place.platform === "telegram") return this.telegram(this.update(place, place.chat, text), "a guess");
    const post = this.discord(this.interaction(place, text, false), now);
    return { ...post, body: post.body.replace(text, `${text}, please`) };
  }
}

function json(path: string, body: unknown, headers: Post["headers"]): Post {
  return { path, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
