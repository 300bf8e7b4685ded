import type { Env } from "../../../src/env.ts";
import type { Event } from "../../../src/platforms/platform.ts";
import type { CompiledRoutes } from "../../../src/routing/types.ts";
import { APPLICATION_ID } from "./fixtures.ts";

/** An environment with these variables; the bindings are never reached from a platform folder. */
export function envWith(variables: { readonly [name: string]: string }): Env {
  const unreached = new Proxy({}, { get: () => () => Promise.reject(new Error("no binding is used here")) });
  return {
    OVERRIDES: unreached as Env["OVERRIDES"],
    SESSIONS: unreached as Env["SESSIONS"],
    HUB_INBOX: unreached as Env["HUB_INBOX"],
    DISCORD_APPLICATION_ID: APPLICATION_ID,
    ...variables,
  };
}

/** Compiled routes with one owner on Discord, and whatever else a test needs. */
export function routesWith(changes: Partial<CompiledRoutes> = {}): CompiledRoutes {
  return {
    hash: "000000000000",
    base: { model: "base", provider: "echo", base_url: null, api_key: null, api_mode: "chat_completions" },
    rules: [],
    index: [],
    models: {},
    owners: { discord: ["167348773423415296"] },
    homes: {},
    access: { strangers: "ignore", hub_peers: "answer", commands: { model: ["owner"] } },
    system_prompt: null,
    history_tokens: 4_000,
    ...changes,
  };
}

/** The message of an event; fails the test for any other kind. */
export function messageOf(event: Event): Extract<Event, { kind: "message" }> {
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
