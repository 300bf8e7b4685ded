import type { Env } from "../../src/env.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";

/** An environment with these variables. Its bindings reject: what these tests cover reaches none, unless given. */
export function envWith(
  variables: { readonly [name: string]: string },
  bindings: { readonly [name: string]: unknown } = {},
): Env {
  const unreached = new Proxy({}, { get: () => () => Promise.reject(new Error("no binding is used here")) });
  return {
    OVERRIDES: unreached as Env["OVERRIDES"],
    SESSIONS: unreached as Env["SESSIONS"],
    REGISTER: unreached as Env["REGISTER"],
    HUB_INBOX: unreached as Env["HUB_INBOX"],
    MEMORY: unreached as Env["MEMORY"],
    SCHEDULER: unreached as Env["SCHEDULER"],
    ...variables,
    ...bindings,
  };
}

/** Compiled routes that decide nothing, and whatever a test needs of them. */
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

/** For sessions whose commands ask nothing of the scheduler. */
export const unscheduled = (): never => {
  throw new Error("there is no scheduler here");
};
