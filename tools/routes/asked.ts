import { fail, ok, type Result } from "../../src/lib/result.ts";
import { PLATFORM_NAMES, platformFacts } from "../../src/message/platforms.ts";
import type { Source } from "../../src/message/source.ts";
import { type ContextKey, matchKeyFacts } from "../../src/routing/match-keys.ts";
import { admit, classify } from "../../src/routing/source.ts";
import type { CompiledRoutes, RoutingContext } from "../../src/routing/types.ts";
import { nearest } from "../../src/text/nearest.ts";
import { ownerIdOf } from "../lib/owner-ids.ts";
import { hint, quote } from "./issues.ts";
import { inWords } from "./schema-parts.ts";

/** Why a message can never have this value of a context key; ok where it can. */
export function possible(key: ContextKey, value: string): Result<string, string> {
  const values = key === "platform" ? PLATFORM_NAMES : matchKeyFacts(key).values;
  if (values === undefined || values.some((known) => known === value)) return ok(value);
  return fail(
    `no message has ${key} ${quote(value)}${hint(nearest(value, values)) || `; one of ${values.join(", ")}`}`,
  );
}

/** Why no message has these values together, or null. */
export function contradiction({ platform, source_kind, user_id }: RoutingContext): string | null {
  const facts = platformFacts(platform ?? "");
  if (facts === undefined) return null;
  if (source_kind && !facts.source_kinds.some((kind) => kind === source_kind)) {
    return `no ${source_kind} ever writes on ${platform}: only ${inWords(facts.source_kinds)}`;
  }
  const owner_id = ownerIdOf(platform ?? "");
  if (user_id && typeof owner_id === "object" && !owner_id.pattern.test(user_id)) {
    return `${quote(user_id)} is nobody: ${platform} identifies people ${owner_id.in_words}`;
  }
  return null;
}

/** What is known of who writes, from a context; null where too little is given to tell. */
function sourceOf({ platform, user_id, chat_id, chat_type, verified }: RoutingContext): Source | null {
  const name = PLATFORM_NAMES.find((known) => known === platform);
  const type = chat_type ?? (chat_id && chat_id !== user_id ? "group" : "dm");
  if (name === undefined || !user_id) return null;
  if (type !== "dm" && type !== "group" && type !== "channel" && type !== "thread") return null;
  return {
    platform: name,
    user_id,
    chat_id: chat_id ?? user_id,
    chat_type: type,
    ...(verified && { verified: verified === "true" }),
  };
}

/**
 * The context with its source kind, where it names none: the one that `owners` and `homes` give the user that it
 * names, or the only one that its platform has.
 */
export function withKind(
  context: RoutingContext,
  routes: Pick<CompiledRoutes, "owners" | "homes">,
): RoutingContext {
  if (context.source_kind) return context;
  const source = sourceOf(context);
  const [kind, ...others] = platformFacts(context.platform ?? "")?.source_kinds ?? [];
  if (source !== null) return { ...context, source_kind: classify(source, routes) };
  return kind === undefined || others.length > 0 ? context : { ...context, source_kind: kind };
}

/** Why access ignores a message of this context, or null where it is answered or nobody can tell. */
export function ignoredBy(
  context: RoutingContext,
  { access }: Pick<CompiledRoutes, "access">,
): string | null {
  const source = sourceOf({ user_id: "?", ...context });
  const kind = context.source_kind;
  if (source === null || (kind !== "owner" && kind !== "stranger" && kind !== "hub_peer")) return null;
  const admission = admit(source, kind, access);
  if (admission.ok) return null;
  if (admission.reason === "unverified") return "its sender is not registered at Hub";
  return admission.reason === "stranger" ? "strangers: ignore" : "hub_peers: ignore";
}
