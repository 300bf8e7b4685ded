import type { MessageEntity } from "@grammyjs/types";
import type { SentFile } from "../../../tools/doubles/form.ts";
import { withMarks } from "../../support/marks.ts";
import type { World } from "./world.ts";

/** What differs from run to run, and how a transcript shows it. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b\d\d:\d\d UTC/g, "06:39 UTC"],
  [/127\.0\.0\.1:\d+/g, "llm.example"],
];

/** A conversation as its reader sees it, as Markdown: what is said, and below it what has appeared or changed. */
export class Transcript {
  readonly #lines: string[];
  #before: readonly string[] = [];

  constructor(title: string, about: string) {
    this.#lines = [`# ${title}`, "", about, ""];
  }

  /** Somebody says or presses something, after which the chat reads like this: a text for each message, in order. */
  add(who: string, what: string, chat: readonly string[]): void {
    const news = chat.flatMap((text, index) => {
      const before = this.#before[index];
      if (text === before) return [];
      return [before === undefined ? text : `*(${ordinal(index + 1)} message, changed)*\n${text}`];
    });
    this.#before = chat;
    const shown = news.length > 0 ? news : ["*(nothing)*"];
    this.#lines.push(`**${who}:** ${what}`, "", ...shown.flatMap((text) => [...quoted(text), ""]));
  }

  toString(): string {
    return VARYING.reduce((text, [pattern, shown]) => text.replace(pattern, shown), this.#lines.join("\n"));
  }
}

const quoted = (text: string): string[] => text.split("\n").map((line) => `> ${line}`.trimEnd());

const ordinal = (n: number): string =>
  `${n}${["th", "st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? "th"}`;

/** A message of the bot on Telegram, as the Bot API was told to show it. */
export interface ShownMessage {
  readonly id: number;
  readonly text: string;
  readonly buttons: readonly { readonly text: string; readonly callback_data: string }[];
}

interface Sent {
  readonly message_id?: number;
  readonly text?: string;
  readonly document?: SentFile;
  readonly entities?: readonly MessageEntity[];
  readonly reply_markup?: { readonly inline_keyboard: ShownMessage["buttons"][] };
}

const SAYING = ["sendMessage", "editMessageText", "sendDocument", "editMessageMedia"];

/** A file as a transcript shows it. */
export const fileLine = ({ name, text }: SentFile): string =>
  `📎 ${name} (${text.length.toLocaleString("en")} characters)`;

/** The bot's messages in a Telegram chat, in order, with their entities as Markdown and their buttons. */
export function telegramChat({ telegram }: World, chat_id: number): ShownMessage[] {
  const messages = new Map<number, ShownMessage>();
  for (const { method, body, status, answer } of telegram.calls) {
    if (!SAYING.includes(method) || status !== 200) continue;
    if (Number(body.chat_id) !== chat_id) continue;
    const sent = body as unknown as Sent;
    const made = answer?.result as { readonly message_id: number };
    const id = sent.message_id ?? made.message_id;
    const buttons = sent.reply_markup?.inline_keyboard.flat() ?? [];
    const text = sent.document ? fileLine(sent.document) : marked(sent.text ?? "", sent.entities ?? []);
    messages.set(id, { id, text, buttons });
  }
  return [...messages.values()];
}

/** A message with its buttons in a row below it. */
export const withButtons = ({ text, buttons }: ShownMessage): string =>
  buttons.length === 0 ? text : `${text}\n${buttons.map((button) => `[${button.text}]`).join(" ")}`;

const MARKS: Partial<Record<MessageEntity["type"], readonly [string, string]>> = {
  bold: ["**", "**"],
  italic: ["*", "*"],
  underline: ["<u>", "</u>"],
  strikethrough: ["~~", "~~"],
  spoiler: ["||", "||"],
  code: ["`", "`"],
  pre: ["```\n", "\n```"],
};

/** A text with its entities as Markdown. */
const marked = (text: string, entities: readonly MessageEntity[]): string =>
  withMarks(text, entities, (entity) =>
    entity.type === "text_link" ? ["[", `](${entity.url})`] : (MARKS[entity.type] ?? ["", ""]),
  );
