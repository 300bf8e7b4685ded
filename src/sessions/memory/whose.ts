import { own } from "../../lib/own.ts";
import type { Source } from "../../message/source.ts";
import { classify } from "../../routing/source.ts";
import type { CompiledRoutes } from "../../routing/types.ts";

/** The name under which the one owner of a gateway is remembered. */
const THE_OWNER = "owner";

/**
 * Under which name the owner who speaks is remembered; null where that is none of an owner's direct chats: what is
 * said in a group is for others' eyes too. The routes file does not say which ids are the same person's. Where no
 * platform has several owners, all of them are taken for one; else each id is somebody else, and so is an owner that
 * only `homes` names where `owners` names another. Pure.
 */
export function ownerOf(source: Source, routes: Pick<CompiledRoutes, "owners" | "homes">): string | null {
  const { platform, chat_type, user_id = "" } = source;
  if (chat_type !== "dm" || classify(source, routes) !== "owner") return null;
  const here = own(routes.owners, platform) ?? [];
  const isAlone = Object.values(routes.owners).every((ids) => new Set(ids).size < 2);
  return isAlone && (here.length === 0 || here.includes(user_id)) ? THE_OWNER : `${platform}:${user_id}`;
}
