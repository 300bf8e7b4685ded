/** A `guest` is asked in a chat that it is no member of. */
export const CHAT_TYPES = ["dm", "group", "channel", "thread", "guest"] as const;
export type ChatType = (typeof CHAT_TYPES)[number];

export const SOURCE_KINDS = ["owner", "hub_peer", "stranger", "cron"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Facts about a platform that can be used without importing its code. */
interface PlatformFacts {
  /** Its name as people write it. */
  readonly title: string;
  /** Which source kinds its messages can have. */
  readonly source_kinds: readonly SourceKind[];
  /** Match keys that mean nothing on it, whatever its sources say. */
  readonly lacks: readonly string[];
  /** How people ask something on it, where writing to the bot is not enough. */
  readonly asking?: string;
  /** Whether the bot is sent a group's messages that do not address it. */
  readonly hears_rooms?: true;
  /** Secrets without which it is off. */
  readonly secrets: readonly string[];
}

/** One row for each platform; its code is in its folder below `platforms/`, its ids are in tools/lib/owner-ids.ts. */
export const PLATFORM_FACTS = {
  telegram: {
    title: "Telegram",
    source_kinds: ["owner", "stranger"],
    lacks: ["verified"],
    hears_rooms: true,
    secrets: ["TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"],
  },
  discord: {
    title: "Discord",
    source_kinds: ["owner", "stranger"],
    lacks: ["verified"],
    asking: "Ask me with /ask, or with *Ask about this* in a message's menu, under Apps.",
    secrets: ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY"],
  },
  hub: {
    title: "Hub",
    source_kinds: ["hub_peer"],
    lacks: [],
    secrets: ["HUB_BASE_URL", "HUB_AGENT_ID", "HUB_AGENT_SECRET"],
  },
  cron: {
    title: "Cron",
    source_kinds: ["cron"],
    // A job has neither a chat nor a message: its context is always the same two keys, as in Hermes.
    lacks: ["user_id", "chat_id", "chat_type", "thread_id", "guild_id", "verified", "modality"],
    secrets: [],
  },
  cli: {
    title: "Terminal",
    source_kinds: ["owner"],
    lacks: ["verified"],
    secrets: ["ADMIN_TOKEN"],
  },
} as const satisfies { readonly [name: string]: PlatformFacts };

export type PlatformName = keyof typeof PLATFORM_FACTS;

const facts: { readonly [name: string]: PlatformFacts } = PLATFORM_FACTS;

/** Every platform's name, in the order in which they are listed to people. */
export const PLATFORM_NAMES = Object.keys(PLATFORM_FACTS) as readonly PlatformName[];

/**
 * A platform's row, by a name from outside; undefined if there is no such platform.
 * @example platformFacts("hub")?.source_kinds // ["hub_peer"]
 */
export const platformFacts = (name: string): PlatformFacts | undefined =>
  Object.hasOwn(facts, name) ? facts[name] : undefined;
