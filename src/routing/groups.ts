import { platformFacts } from "../message/platforms.ts";
import type { Source } from "../message/source.ts";
import type { GroupRules } from "./types.ts";

/**
 * Whom a message is for, as far as its platform tells: this bot, another one, nobody, or a name that may be this
 * bot's or not, because its own is not known right now.
 */
export type Addressee = "us" | "another" | "nobody" | "unknown";

/** What a message is to this bot: to answer, to overhear, to be delivered again, or nothing; and why nothing. */
export type Hearing =
  | { readonly kind: "answer" | "overhear" | "later" }
  | { readonly kind: "ignore"; readonly reason: "ignored_thread" | "other_bot" | "not_addressed" };

/**
 * What a group's message is to this bot, by `groups` of routes.yaml; a direct message is always answered, unless it
 * is for another bot. An ignored thread is deaf to everything, even to a mention. Pure.
 * @example hear({ platform: "telegram", chat_type: "group", chat_id: "-1001" }, "nobody") // not_addressed
 */
export function hear(
  { chat_type, chat_id, thread_id }: Source,
  addressee: Addressee,
  groups?: GroupRules,
): Hearing {
  const inGroup = chat_type !== "dm";
  if (inGroup && groups?.ignored_threads.includes(`${chat_id}:${thread_id}`)) return ignore("ignored_thread");
  if (addressee === "unknown") return { kind: "later" };
  if (addressee === "another") return ignore("other_bot");
  const free = groups && (!groups.require_mention || groups.free_chats.includes(chat_id ?? ""));
  if (!inGroup || addressee === "us" || free) return { kind: "answer" };
  return groups?.listen ? { kind: "overhear" } : ignore("not_addressed");
}

/** Whether a message's room is listened to: what is said there without addressing the bot is kept for its next turn. */
export const listensTo = (
  { chat_type, platform }: Source,
  { groups }: { readonly groups?: GroupRules | undefined },
): boolean =>
  Boolean(
    groups?.listen && chat_type !== "dm" && chat_type !== "guest" && platformFacts(platform)?.hears_rooms,
  );

const ignore = (reason: Extract<Hearing, { kind: "ignore" }>["reason"]): Hearing => ({
  kind: "ignore",
  reason,
});
