import type { Carried } from "./bundle-fields.ts";
import type { ContextKey } from "./match-keys.ts";
import type { ApiMode, ProviderName } from "./providers.ts";

/** What a route is matched against. A missing, null or undefined value matches nothing. */
export type RoutingContext = { readonly [Key in ContextKey]?: string | null | undefined };

/** What always travels together: the model, its endpoint and its key, and what a request of it carries. */
export interface Bundle extends Carried {
  readonly model: string;
  readonly provider: ProviderName;
  readonly base_url: string | null;
  /** `${NAME}`, a literal, or null for an endpoint that wants none. Read with `interpolate()`. */
  readonly api_key: string | null;
  readonly api_mode: ApiMode;
}

/** Fields that a route, a `models` entry or an override sets. Empty values are already left out. */
export type BundleFields = { readonly [Field in keyof Bundle]?: NonNullable<Bundle[Field]> | undefined };
export type BundleField = keyof Bundle;

export type RouteOrigin = "routes" | "platforms" | "by_source";

/** Which route decided: its place in its list, and its line in the routes file. */
export interface RouteRef {
  readonly from: RouteOrigin;
  readonly index: number;
  readonly line: number;
  /** Its `name:`, if it has one. */
  readonly name?: string | undefined;
}

/** One side of a split: a short name of `models` or a model id, and its weight, a whole number. */
export interface Share {
  readonly name: string;
  readonly weight: number;
}

/** What a route does. Routes of the list `routes` that do the same share one rule. */
export interface Rule {
  readonly from: RouteOrigin;
  /** A shorthand's place in its list; a route of `routes` stands at its position. */
  readonly index?: number | undefined;
  /** What people call it; routes with names of their own do not share a rule. */
  readonly name?: string | undefined;
  readonly set: BundleFields;
  readonly system_prompt?: string | undefined;
  /** Whole bundles, tried in order when this route's own fails. */
  readonly fallbacks?: readonly Bundle[] | undefined;
  /** Whether the user is told when a fallback answered. */
  readonly tell_fallback?: boolean | undefined;
  /** Models among which this route's sessions are divided, each staying with its own. */
  readonly split?: readonly Share[] | undefined;
}

/**
 * All routes that name the same match keys, as one hash table. It is a flat list of small integers and one
 * text, so that a lookup among 100,000 routes reads two places in memory, and nothing is built at start.
 */
export interface MatchSet {
  readonly keys: readonly ContextKey[];
  /** Lowest position in this set: a better match already found ends the search. */
  readonly first: number;
  /**
   * Open addressing over a power of two of entries, four numbers each: the route's position in first-match order,
   * counted from 1, under six bits of the hash (0: no entry here); where its values start in `text`; its line;
   * its place in `rules`.
   */
  readonly entries: readonly number[];
  /** `matchKey` of every entry's values, one after another. */
  readonly text: string;
}

export interface AccessRules {
  readonly strangers: "ignore" | "answer";
  readonly hub_peers: "answer" | "ignore";
  /** Strangers who are answered all the same, by platform: ids of people, chats, servers and roles. */
  readonly allowed?: { readonly [platform: string]: readonly string[] } | undefined;
  /** Without it the bot answers in no chat that it is no member of. */
  readonly guests?: "answer" | undefined;
  /** Who may run a command, by its name: source kinds, and people as `platform:id`. Without an entry: its own `access`. */
  readonly commands: { readonly [command: string]: readonly string[] };
}

/** To which messages of a group the bot listens. */
export interface GroupRules {
  /** Whether a message must address the bot to be answered. */
  readonly require_mention: boolean;
  /** Ids of chats in which it need not. */
  readonly free_chats: readonly string[];
  /** `chat:thread`: nothing there is for the bot. */
  readonly ignored_threads: readonly string[];
  /** Whether messages that do not address the bot are kept, for when one does. */
  readonly listen: boolean;
}

/** How answers look on Telegram; each is off where it is absent. */
export interface TelegramRules {
  /** In private chats an answer is shown as a draft while it is written. */
  readonly draft?: true | undefined;
  /** Answers with tables, formulas or task lists are rich messages. */
  readonly rich?: true | undefined;
}

/** When a session's conversation is over by itself: whichever comes first. */
export interface ResetRules {
  /** After so many milliseconds without a message. */
  readonly idle_ms?: number | undefined;
  /** Each day at this time: minutes since midnight, by the clocks of this IANA zone. */
  readonly daily?: { readonly at_minutes: number; readonly timezone: string } | undefined;
}

/** Work that nobody is waiting for, at its time. */
export interface CronRules {
  /** The zone in which schedules, and the times of reminders, are read. */
  readonly timezone: string;
  /** For so long a run that was missed is made up. */
  readonly grace_minutes: number;
  readonly jobs: readonly JobRules[];
}

/** A scheduled job. */
export interface JobRules {
  readonly name: string;
  /** Five fields, `every 2h`, or a time (platforms/cron/calendar.ts). */
  readonly schedule: string;
  readonly prompt: string;
  /** `home`, `log`, or a platform and a chat: `telegram:42`. */
  readonly deliver: string;
  /** Whether its runs are one conversation. */
  readonly remember?: true | undefined;
  /** What it sets of a route's fields; what it does not set, its route does. */
  readonly own?: JobBundle | undefined;
}

/** What a job has instead of its route's: a bundle is whole, made of base, the route and the job. */
export interface JobBundle {
  readonly bundle?: Bundle | undefined;
  readonly system_prompt?: string | undefined;
  readonly fallbacks?: readonly Bundle[] | undefined;
  readonly tell_fallback?: boolean | undefined;
}

/** What a model costs, per million tokens. `cached` is for input that the endpoint had cached. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cached?: number | undefined;
}

/** `routes.yaml`, validated and normalised at build time: what the Worker imports. */
export interface CompiledRoutes {
  /** Hash of everything below, 12 hex digits; `/health` shows it. */
  readonly hash: string;
  readonly base: Bundle;
  readonly base_fallbacks?: readonly Bundle[] | undefined;
  readonly base_tell_fallback?: boolean | undefined;
  readonly rules: readonly Rule[];
  /** Made by `buildIndex`; sorted by `first`. */
  readonly index: readonly MatchSet[];
  /** What `/model` offers, in the order written. */
  readonly models: { readonly [name: string]: BundleFields };
  readonly owners: { readonly [platform: string]: readonly string[] };
  readonly homes: { readonly [platform: string]: string };
  readonly access: AccessRules;
  /** Absent where the file says nothing of groups: a message must address the bot. */
  readonly groups?: GroupRules | undefined;
  readonly system_prompt: string | null;
  /** What `/personality` offers: texts that go behind the system prompt. */
  readonly personalities?: { readonly [name: string]: string } | undefined;
  /** What a message does while another is answered; without it, it waits. */
  readonly busy?: "interrupt" | undefined;
  /** Whether facts are remembered beyond a conversation; without it, none are. */
  readonly memory?: true | undefined;
  /** Absent where a conversation lasts until `/new`. */
  readonly reset?: ResetRules | undefined;
  /** Estimated tokens of history and question from which on the history is compressed by itself. */
  readonly compression?: { readonly at_tokens: number } | undefined;
  /** By model id; `/usage` shows costs where there is a price. */
  readonly prices?: { readonly [model: string]: Price } | undefined;
  /** How answers look on Telegram. */
  readonly telegram?: TelegramRules | undefined;
  /** What turns voice into text: its own endpoint, with its own key. Absent: nothing does. */
  readonly transcription?: Bundle | undefined;
  /** Scheduled jobs and reminders; absent, there are none. */
  readonly cron?: CronRules | undefined;
  /** How much transcript a turn sends, in estimated tokens. */
  readonly history_tokens: number;
}

/** A session's `/model` choice, as KV keeps it. Never a key. */
export interface Override {
  readonly model?: string | null | undefined;
  readonly provider?: string | null | undefined;
  readonly base_url?: string | null | undefined;
  readonly api_key?: string | null | undefined;
  readonly api_mode?: string | null | undefined;
}

export type Layer = "override" | "route" | "base";

/** What `resolve()` answers: the bundle, and why. */
export interface Resolution {
  readonly bundle: Bundle;
  readonly route: RouteRef | null;
  readonly fields: { readonly [Field in BundleField]?: Layer };
  readonly system_prompt: string | null;
  readonly fallbacks: readonly Bundle[];
  readonly tell_fallback: boolean;
}
