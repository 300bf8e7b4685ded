export const CHAT_TYPES = ["dm", "group", "channel", "thread"] as const;
export type ChatType = (typeof CHAT_TYPES)[number];

export const SOURCE_KINDS = ["owner", "hub_peer", "stranger", "cron"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Facts about a platform that can be used without importing its code. */
interface PlatformFacts {
  /** Its name as people write it. */
  readonly title: string;
  /** Which source kinds its messages can have. */
  readonly source_kinds: readonly SourceKind[];
  /** The pattern of the ids in `owners` and `homes`; where no id makes an owner, why not, as `check` says it. */
  readonly owner_id: RegExp | string;
  /** The secrets that must all be set for the platform to be on. */
  readonly secrets: readonly string[];
}

/** One row for each platform; its code is in its folder below `platforms/`. */
export const PLATFORM_FACTS = {
  telegram: {
    title: "Telegram",
    source_kinds: ["owner", "stranger"],
    owner_id: /^-?\d+$/,
    secrets: ["TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"],
  },
  discord: {
    title: "Discord",
    source_kinds: ["owner", "stranger"],
    owner_id: /^-?\d+$/,
    secrets: ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY"],
  },
  hub: {
    title: "Hub",
    source_kinds: ["hub_peer"],
    owner_id: "a Hub sender's name is free to choose",
    secrets: ["HUB_BASE_URL", "HUB_AGENT_ID", "HUB_AGENT_SECRET"],
  },
  cron: {
    title: "Cron",
    source_kinds: ["cron"],
    owner_id: "a scheduled job is nobody's message",
    secrets: [],
  },
  cli: {
    title: "Terminal",
    source_kinds: ["owner"],
    owner_id: "whoever holds ADMIN_TOKEN is its owner",
    secrets: [],
  },
} as const satisfies { readonly [name: string]: PlatformFacts };

export type PlatformName = keyof typeof PLATFORM_FACTS;

const facts: { readonly [name: string]: PlatformFacts } = PLATFORM_FACTS;

/** Every platform's name, in the order in which they are listed to people. */
export const PLATFORM_NAMES = Object.keys(PLATFORM_FACTS) as readonly PlatformName[];

/** A platform's row, by a name from outside; undefined if there is no such platform. */
export const platformFacts = (name: string): PlatformFacts | undefined =>
  Object.hasOwn(facts, name) ? facts[name] : undefined;
