import TelegramServer from "telegram-test-api";
import { isObject } from "../lib/json.ts";
import { BOT } from "./telegram-updates.ts";

const HOUR_S = 3_600;

/** The chats as telegram-test-api keeps them, with what its answers lack: group chats, topics, seconds. */
export class MessageBoard {
  readonly #server: TelegramServer;
  readonly #token: string;

  private constructor(server: TelegramServer, token: string) {
    this.#server = server;
    this.#token = token;
  }

  static async start(port: number, token: string): Promise<MessageBoard> {
    const server = new TelegramServer({ port, host: "127.0.0.1", storeTimeout: HOUR_S });
    await server.start();
    return new MessageBoard(server, token);
  }

  /** Puts a message into a chat, and answers it as Telegram shows it. */
  async send(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const message = await this.#call("sendMessage", body);
    const chatId = Number(body.chat_id);
    return {
      message_id: message.message_id,
      date: Math.floor(Date.now() / 1_000),
      from: { ...BOT, is_bot: true },
      chat:
        chatId < 0
          ? { id: chatId, type: "supergroup", title: "Mount Olympus" }
          : { id: chatId, type: "private" },
      ...(body.message_thread_id !== undefined && { message_thread_id: body.message_thread_id }),
      text: body.text,
    };
  }

  async edit(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    await this.#call("editMessageText", body);
    return { message_id: body.message_id, chat: { id: body.chat_id }, text: body.text };
  }

  /** Whether a message reads so already. */
  reads({ chat_id, message_id, text, reply_markup }: Record<string, unknown>): boolean {
    const read = this.#server.storage.botMessages.find(
      ({ messageId, message }) => messageId === message_id && String(message.chat_id) === String(chat_id),
    );
    const buttons = read?.message.reply_markup;
    return read?.message.text === text && JSON.stringify(buttons) === JSON.stringify(reply_markup);
  }

  /** The bot's messages in a chat, in order. */
  messages(chatId: string) {
    return this.#server.storage.botMessages
      .filter(({ message }) => String(message.chat_id) === chatId)
      .map(({ messageId, message }) => ({
        message_id: messageId,
        chat_id: chatId,
        text: message.text,
        thread_id: message.message_thread_id,
      }));
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async #call(method: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.#server.config.apiURL}/bot${this.#token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (!response.ok || !isObject(answer)) throw new Error(`telegram-test-api refused ${method}`);
    return isObject(answer.result) ? answer.result : {};
  }
}
