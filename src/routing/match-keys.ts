import { MODALITIES, type Modality } from "../message/files.ts";
import { CHAT_TYPES, PLATFORM_NAMES, SOURCE_KINDS, type SourceKind } from "../message/platforms.ts";
import type { Source } from "../message/source.ts";

/** What is known of a message when its route is looked for. */
export interface Occasion {
  /** Only what the platform authenticated. */
  readonly source: Source;
  readonly kind: SourceKind;
  /** Undefined where there is no message to look at. */
  readonly modality: Modality | undefined;
}

interface MatchKeyFacts {
  /** One line for the editors that complete a routes file. */
  readonly about: string;
  /** The value that routes are matched against; undefined or an empty text matches nothing. */
  readonly read: (occasion: Occasion) => string | undefined;
  /** The values that there are, where they are known beforehand. */
  readonly values?: readonly string[];
}

/** A sender's name that is not registered may be anyone's: it identifies nobody. */
const identity = (source: Source, id: string | undefined): string | undefined =>
  source.verified === false ? undefined : id;

/** Keys that a route's `match` may name: one row a key, in the order in which the index concatenates them. */
export const MATCH_KEY_FACTS = {
  platform: {
    about: `${PLATFORM_NAMES.join(", ")}; lower case.`,
    read: ({ source }) => source.platform,
  },
  source_kind: {
    about: "Who is speaking.",
    read: ({ kind }) => kind,
    values: SOURCE_KINDS,
  },
  user_id: {
    about: "The sender's id, as the platform gives it. Name the platform too.",
    read: ({ source }) => identity(source, source.user_id),
  },
  chat_id: {
    about: "The chat's id.",
    read: ({ source }) => identity(source, source.chat_id),
  },
  chat_type: {
    about: "The kind of chat.",
    read: ({ source }) => source.chat_type,
    values: CHAT_TYPES,
  },
  thread_id: {
    about: "The forum topic's or thread's id.",
    read: ({ source }) => source.thread_id,
  },
  guild_id: {
    about: "The Discord server's id.",
    read: ({ source }) => source.guild_id,
  },
  verified: {
    about: "Hub only: whether the sender's name is registered.",
    read: ({ source }) => source.verified?.toString(),
    values: ["true", "false"],
  },
  priority: {
    about: "Hub only: the level that Hub gives the message, such as normal, flag, deprioritize, quarantine.",
    read: ({ source }) => source.priority,
  },
  modality: {
    about: "What the message is: its first attachment's kind, or text.",
    read: ({ modality }) => modality,
    values: MODALITIES,
  },
} as const satisfies { readonly [key: string]: MatchKeyFacts };

export type ContextKey = keyof typeof MATCH_KEY_FACTS;

export const CONTEXT_KEYS = Object.keys(MATCH_KEY_FACTS) as readonly ContextKey[];

/** A match key's row. */
export const matchKeyFacts = (key: ContextKey): MatchKeyFacts => MATCH_KEY_FACTS[key];
