import { randomInt } from "node:crypto";
import * as z from "zod";
import type { Variables } from "../../src/env.ts";
import { fail, ok, type Result } from "../../src/lib/result.ts";
import { callTelegram } from "./api.ts";

/** How long Telegram holds one request open, and how long somebody may take to send the code. */
const POLL_S = 20;
const WAIT_MS = 10 * 60_000;
/** Without letters that look like digits. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LETTERS = 8;

const Updates = z.array(
  z.object({
    update_id: z.number(),
    message: z
      .object({
        text: z.string().optional(),
        chat: z.object({ id: z.number(), type: z.string() }),
        from: z
          .object({ id: z.number(), is_bot: z.boolean().optional(), first_name: z.string().optional() })
          .optional(),
      })
      .optional(),
  }),
);

/** A code for one use: some 40 bits, which nobody guesses in the minutes that it is good for. */
export const newCode = (): string =>
  Array.from({ length: CODE_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join("");

/** A link that opens the bot and sends the code: https://core.telegram.org/bots/features#deep-linking */
export const codeLink = (username: string, code: string): string => `https://t.me/${username}?start=${code}`;

export interface TelegramOwner {
  readonly id: string;
  readonly name: string;
  /** Other messages that came meanwhile; Telegram will not deliver them again. */
  readonly others: number;
}

/**
 * Waits until somebody sends this code to the bot in a private chat. The bot must have no webhook: Telegram gives
 * updates to one reader only. What comes until then is taken from Telegram.
 */
export async function awaitOwner(
  env: Variables,
  code: string,
  now: () => number = Date.now,
): Promise<Result<TelegramOwner, string>> {
  const deadline = now() + WAIT_MS;
  let offset = 0;
  let others = 0;
  while (now() < deadline) {
    const params = { offset, timeout: POLL_S, allowed_updates: ["message"] };
    const got = await callTelegram(env, "getUpdates", params, Updates, (POLL_S + 10) * 1_000);
    if (!got.ok) return fail(got.error.detail);
    for (const { update_id, message } of got.value) {
      offset = update_id + 1;
      const from = message?.from;
      if (!message || !from || from.is_bot || message.chat.type !== "private" || !holds(message.text, code)) {
        others++;
        continue;
      }
      // Else Telegram would deliver the code itself to the webhook.
      await callTelegram(env, "getUpdates", { offset, timeout: 0 }, Updates);
      return ok({ id: String(from.id), name: from.first_name ?? String(from.id), others });
    }
  }
  return fail("nobody sent the code within ten minutes");
}

const holds = (text: string | undefined, code: string): boolean =>
  text
    ?.trim()
    .replace(/^\/start\s+/, "")
    .toUpperCase() === code;
