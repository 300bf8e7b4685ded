import type { Variables } from "../env.ts";
import { sessionKey } from "../message/key.ts";
import { type InboundMessage, modalityOf } from "../message/message.ts";
import { resolveUsable, type UsableResolution } from "./resolve.ts";
import { classify, routingContext } from "./source.ts";
import type { CompiledRoutes, Override, RouteRef } from "./types.ts";

/** Resolves a message's bundle. Every operation goes through here, so that no model gets another endpoint's key. */
export function routeMessage(
  message: InboundMessage,
  override: Override | null,
  routes: CompiledRoutes,
  env: Variables,
): UsableResolution {
  const kind = classify(message.source, routes);
  const context = routingContext(message.source, kind, modalityOf(message));
  return resolveUsable(routes, context, override, env, sessionKey(message.source));
}

/**
 * A route in words; null is the model block.
 * @example describeRoute({ from: "routes", index: 2, line: 14 }) // "routes[2] line 14"
 */
export function describeRoute(route: RouteRef | null): string {
  return route === null ? "base" : `${route.from}[${route.index}] line ${route.line}`;
}
