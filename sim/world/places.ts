import type { SourceKind } from "../../src/message/platforms.ts";

/** Where a conversation happens: one session of the gateway. */
export interface Place {
  readonly name: string;
  readonly platform: "telegram" | "discord" | "hub";
  readonly kind: Extract<SourceKind, "owner" | "stranger" | "hub_peer">;
  /** The session's key, in Hermes's grammar. */
  readonly session: string;
  readonly chat: string;
  readonly user: string;
  /** A Telegram topic. */
  readonly thread?: number;
  /** Discord: a server's channel, a thread of it, a DM with the bot, a place where only the user has the app. */
  readonly scene?: "server" | "thread" | "dm" | "user_install";
  /** False for a Hub name that nobody has registered: it gets no answer. */
  readonly answered: boolean;
}

const OWNER = "42";
const STRANGER = "77";
const DISCORD_OWNER = "1417636184355766305";
const DISCORD_STRANGER = "1417636184355766999";

const telegram = (
  name: string,
  kind: Place["kind"],
  chat: string,
  user: string,
  tail: string,
  thread?: number,
): Place => ({
  name,
  platform: "telegram",
  kind,
  session: `agent:main:telegram:${tail}`,
  chat,
  user,
  ...(thread !== undefined && { thread }),
  answered: true,
});

const discord = (
  name: string,
  kind: Place["kind"],
  chat: string,
  scene: NonNullable<Place["scene"]>,
): Place => {
  const user = kind === "owner" ? DISCORD_OWNER : DISCORD_STRANGER;
  const tail = { dm: `dm:${chat}`, thread: `thread:${chat}:${chat}` };
  const session = scene === "dm" || scene === "thread" ? tail[scene] : `group:${chat}:${user}`;
  return {
    name,
    platform: "discord",
    kind,
    session: `agent:main:discord:${session}`,
    chat,
    user,
    scene,
    answered: true,
  };
};

const hub = (name: string, answered: boolean): Place => ({
  name,
  platform: "hub",
  kind: "hub_peer",
  session: `agent:main:hub:dm:hub:${name}`,
  chat: name,
  user: name,
  answered,
});

/** A group that may become a supergroup. */
export const MIGRATING_CHAT = "-1001";

/** Every conversation that a plan may have. */
export const PLACES: readonly Place[] = [
  telegram("telegram owner", "owner", OWNER, OWNER, `dm:${OWNER}`),
  telegram("telegram stranger", "stranger", STRANGER, STRANGER, `dm:${STRANGER}`),
  telegram("telegram group, owner", "owner", MIGRATING_CHAT, OWNER, `group:-1001:${OWNER}`),
  telegram("telegram group, stranger", "stranger", MIGRATING_CHAT, STRANGER, `group:-1001:${STRANGER}`),
  telegram("telegram topic", "owner", "-1002", OWNER, "group:-1002:7", 7),
  discord("discord dm", "owner", "501", "dm"),
  discord("discord server", "stranger", "502", "server"),
  discord("discord thread", "owner", "503", "thread"),
  discord("discord user install", "owner", "504", "user_install"),
  hub("argus", true),
  hub("brisk", true),
  hub("nobody", false),
];
