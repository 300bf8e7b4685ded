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

/** A sender's name that is not registered may be anyone's: it identifies nobody. */
const identity = (source: Source, id: string | undefined): string | undefined =>
  source.verified === false ? undefined : id;

/** The value that routes are matched against; undefined or an empty text matches nothing. */
type Read = (occasion: Occasion) => string | undefined;

/** Keys that a route's `match` may name: one row a key, in the order in which the index concatenates them. */
export const MATCH_KEYS = {
  platform: ({ source }) => source.platform,
  source_kind: ({ kind }) => kind,
  user_id: ({ source }) => identity(source, source.user_id),
  chat_id: ({ source }) => identity(source, source.chat_id),
  chat_type: ({ source }) => source.chat_type,
  thread_id: ({ source }) => source.thread_id,
  guild_id: ({ source }) => source.guild_id,
  verified: ({ source }) => source.verified?.toString(),
  priority: ({ source }) => source.priority,
  modality: ({ modality }) => modality,
} as const satisfies { readonly [key: string]: Read };

export type ContextKey = keyof typeof MATCH_KEYS;

export const CONTEXT_KEYS = Object.keys(MATCH_KEYS) as readonly ContextKey[];

/** How a match key's value is read. */
export const readerOf = (key: ContextKey): Read => MATCH_KEYS[key];

interface MatchKeyFacts {
  /** One line for the editors that complete a routes file. */
  readonly about: string;
  /** The values that there are, where they are known beforehand. */
  readonly values?: readonly string[];
}

/** What a match key is to a routes file, which the Worker has no use for: a function of its own is not bundled. */
export function matchKeyFacts(key: ContextKey): MatchKeyFacts {
  const facts: { readonly [Key in ContextKey]: MatchKeyFacts } = {
    platform: { about: `${PLATFORM_NAMES.join(", ")}; lower case.` },
    source_kind: { about: "Who is speaking.", values: SOURCE_KINDS },
    user_id: { about: "The sender's id, as the platform gives it. Name the platform too." },
    chat_id: { about: "The chat's id." },
    chat_type: { about: "The kind of chat.", values: CHAT_TYPES },
    thread_id: { about: "The forum topic's or thread's id." },
    guild_id: { about: "The Discord server's id." },
    verified: { about: "Hub only: whether the sender's name is registered.", values: ["true", "false"] },
    priority: {
      about:
        "Hub only: the level that Hub gives the message, such as normal, flag, deprioritize, quarantine.",
    },
    modality: { about: "What the message is: its first attachment's kind, or text.", values: MODALITIES },
  };
  return facts[key];
}
