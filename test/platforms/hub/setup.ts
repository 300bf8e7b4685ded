import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../../../src/env.ts";
import type { CompiledRoutes } from "../../../src/routing/types.ts";

/** One of the payloads in `fixtures/`, as Hub writes it. */
export function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", `${name}.json`), "utf8"));
}

/** An environment with these variables and, if a test needs them, bindings. */
export function envWith(
  variables: { readonly [name: string]: string },
  bindings: { readonly [name: string]: unknown } = {},
): Env {
  const unreached = new Proxy({}, { get: () => () => Promise.reject(new Error("no binding is used here")) });
  return {
    OVERRIDES: unreached as Env["OVERRIDES"],
    SESSIONS: unreached as Env["SESSIONS"],
    HUB_INBOX: unreached as Env["HUB_INBOX"],
    ...variables,
    ...bindings,
  };
}

/** Compiled routes that answer Hub peers, and whatever else a test needs. */
export function routesWith(changes: Partial<CompiledRoutes> = {}): CompiledRoutes {
  return {
    hash: "000000000000",
    base: { model: "base", provider: "echo", base_url: null, api_key: null, api_mode: "chat_completions" },
    rules: [],
    index: [],
    models: {},
    owners: {},
    homes: {},
    access: { strangers: "ignore", hub_peers: "answer", commands: { model: ["owner"] } },
    system_prompt: null,
    history_tokens: 4_000,
    ...changes,
  };
}
