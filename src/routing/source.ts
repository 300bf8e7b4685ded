import type { Modality } from "../message/files.ts";
import { PLATFORM_FACTS, PLATFORM_NAMES, type PlatformName, type SourceKind } from "../message/platforms.ts";
import type { Source } from "../message/source.ts";
import { CONTEXT_KEYS, type ContextKey, readerOf } from "./match-keys.ts";
import type { AccessRules, CompiledRoutes, RoutingContext } from "./types.ts";

/**
 * Who is speaking. A Hub sender is never an owner, whatever its id: Hub names are free to choose. An owner is
 * known by id, or by writing in the direct chat that `homes` names; a group as home makes nobody an owner.
 */
export function classify(source: Source, routes: Pick<CompiledRoutes, "owners" | "homes">): SourceKind {
  const { platform, user_id, chat_id, chat_type } = source;
  const [first, ...others] = PLATFORM_FACTS[platform].source_kinds;
  if (others.length === 0) return first;
  if (user_id && routes.owners[platform]?.includes(user_id)) return "owner";
  if (chat_id && chat_type === "dm" && routes.homes[platform] === chat_id) return "owner";
  return "stranger";
}

const facts: { readonly [Name in PlatformName]: { readonly lacks: readonly ContextKey[] } } = PLATFORM_FACTS;

/** The match keys that mean something on each platform. */
const MEANT = new Map(
  PLATFORM_NAMES.map((name) => [
    name,
    CONTEXT_KEYS.filter((key) => !facts[name].lacks.includes(key)).map((key) => ({
      key,
      read: readerOf(key),
    })),
  ]),
);

/** Every context has this shape: what looks values up is fast then. */
const NOTHING: { [Key in ContextKey]?: string | undefined } = Object.fromEntries(
  CONTEXT_KEYS.map((key) => [key, undefined]),
);

/** What routes are matched against: only what the platform authenticated, and what means something on it. */
export function routingContext(source: Source, kind: SourceKind, modality?: Modality): RoutingContext {
  const occasion = { source, kind, modality };
  const context = { ...NOTHING };
  for (const { key, read } of MEANT.get(source.platform) ?? []) {
    const value = read(occasion);
    if (value) context[key] = value;
  }
  return context;
}

export type Admission =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "stranger" | "hub_peer" | "unverified" };

/** Whether `access.allowed` names a stranger, where the message came from, or a role of the sender. */
const isAllowed = (
  { platform, user_id, chat_id, guild_id, roles = [] }: Source,
  { allowed }: AccessRules,
): boolean =>
  [user_id, chat_id, guild_id, ...roles].some((id) => id !== undefined && allowed?.[platform]?.includes(id));

/** Whether this source gets an answer. An unregistered Hub name never does: there is nobody to send it to. */
export function admit(source: Source, kind: SourceKind, access: AccessRules): Admission {
  if (kind === "stranger" && access.strangers === "ignore" && !isAllowed(source, access))
    return { ok: false, reason: "stranger" };
  if (kind !== "hub_peer") return { ok: true };
  if (source.verified === false) return { ok: false, reason: "unverified" };
  return access.hub_peers === "answer" ? { ok: true } : { ok: false, reason: "hub_peer" };
}
