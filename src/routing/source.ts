import type { Modality } from "../message/files.ts";
import { PLATFORM_FACTS, type SourceKind } from "../message/platforms.ts";
import type { Source } from "../message/source.ts";
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

/**
 * What routes are matched against: only what the platform authenticated. Anybody can send under an unregistered
 * Hub name, so it gives no user_id and no chat_id. A cron job has neither a chat nor a message: its context is
 * always the same two keys, as in Hermes.
 */
export function routingContext(source: Source, kind: SourceKind, modality?: Modality): RoutingContext {
  const { platform } = source;
  if (platform === "cron") return { platform, source_kind: kind };
  const known = platform !== "hub" || source.verified !== false;
  return {
    platform,
    source_kind: kind,
    user_id: known && source.user_id ? source.user_id : undefined,
    chat_id: known && source.chat_id ? source.chat_id : undefined,
    chat_type: source.chat_type,
    thread_id: source.thread_id || undefined,
    guild_id: source.guild_id || undefined,
    verified: platform === "hub" && source.verified !== undefined ? String(source.verified) : undefined,
    modality,
  };
}

export type Admission =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "stranger" | "hub_peer" | "unverified" };

/** Whether this source gets an answer. An unregistered Hub name never does: there is nobody to send it to. */
export function admit(source: Source, kind: SourceKind, access: AccessRules): Admission {
  if (kind === "stranger" && access.strangers === "ignore") return { ok: false, reason: "stranger" };
  if (kind !== "hub_peer") return { ok: true };
  if (source.verified === false) return { ok: false, reason: "unverified" };
  return access.hub_peers === "answer" ? { ok: true } : { ok: false, reason: "hub_peer" };
}
