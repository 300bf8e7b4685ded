import type { Env } from "../../../src/env.ts";
import type { WebhookEvent } from "../../../src/platforms/platform.ts";
import type { CompiledRoutes } from "../../../src/routing/types.ts";
import * as support from "../../support/setup.ts";
import { APPLICATION_ID } from "./fixtures.ts";

export const envWith = (variables: { readonly [name: string]: string }): Env =>
  support.envWith({ DISCORD_APPLICATION_ID: APPLICATION_ID, ...variables });

/** Compiled routes with one owner on Discord, and whatever else a test needs. */
export const routesWith = (changes: Partial<CompiledRoutes> = {}): CompiledRoutes =>
  support.routesWith({ owners: { discord: ["167348773423415296"] }, ...changes });

/** The message of an event; fails the test for any other kind. */
export function messageOf(event: WebhookEvent): Extract<WebhookEvent, { kind: "message" }> {
  if (event.kind !== "message") throw new Error(`expected a message, got ${JSON.stringify(event)}`);
  return event;
}

/** A line that only the user of a command sees. */
export function onlyTheUserSees(content: unknown) {
  return {
    kind: "reply",
    body: { type: 4, data: { content, flags: 64, allowed_mentions: { parse: [] } } },
  };
}
