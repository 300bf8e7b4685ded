import type { InlineKeyboardButton, InlineKeyboardMarkup } from "@grammyjs/types";
import type { SentButton, SentKeyboard } from "../press.ts";
import { CALLBACK_DATA_BYTES, CHOICES_IN_ROW } from "./limits.ts";

const encoder = new TextEncoder();

/** Buttons as Telegram takes them: choices in rows, the rest in a row below. */
export function inlineKeyboard({ choices, actions }: SentKeyboard): InlineKeyboardMarkup {
  const offered = buttonsOf(choices);
  const rows: InlineKeyboardButton[][] = [];
  for (let at = 0; at < offered.length; at += CHOICES_IN_ROW)
    rows.push(offered.slice(at, at + CHOICES_IN_ROW));
  const below = buttonsOf(actions);
  return { inline_keyboard: below.length > 0 ? [...rows, below] : rows };
}

/** One that Telegram would refuse is left out: the text says what it does. */
function buttonsOf(buttons: readonly SentButton[]): InlineKeyboardButton[] {
  return buttons
    .filter(({ data }) => encoder.encode(data).byteLength <= CALLBACK_DATA_BYTES)
    .map(({ label: text, data: callback_data }) => ({ text, callback_data }));
}
