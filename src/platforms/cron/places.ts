import { own } from "../../lib/own.ts";
import type { Address } from "../../message/message.ts";
import type { PlatformName } from "../../message/platforms.ts";
import type { Destination } from "../discord/schema.ts";
import type { Target } from "../telegram/schema.ts";

/** A chat on a platform, for what nobody asked for there. */
export interface Place {
  /** The platform that delivers. */
  readonly via: PlatformName;
  /** The chat's id; on Hub the agent's name. */
  readonly chat: string;
  readonly thread?: string | undefined;
}

type Chat = Omit<Place, "via">;

/** A chat's address as its platform's delivery reads it. */
const ADDRESSES: { readonly [platform: string]: (chat: Chat) => Address } = {
  telegram: ({ chat, thread }) =>
    ({
      chat_id: Number(chat),
      message_thread_id: thread === undefined ? null : Number(thread),
      reply_to_message_id: null,
    }) satisfies Target,
  // No interaction is answered: what is sent is the bot's own message, for which it needs its token.
  discord: ({ chat, thread }) =>
    ({
      application_id: "",
      token: "",
      channel_id: thread ?? chat,
      dm: false,
      ephemeral: false,
      user_install_only: false,
      received_at: 0,
    }) satisfies Destination,
  hub: ({ chat }) => ({ peer: chat, asked_at: null }),
};

/** The address of a place; null on a platform where nobody can be written to first. */
export const addressOf = ({ via, ...chat }: Place): Address | null => own(ADDRESSES, via)?.(chat) ?? null;
