import type { HubInbox } from "./platforms/hub/inbox.ts";
import type { Session } from "./sessions/session.ts";

/** What wrangler.toml binds, plus any secret or variable by name. */
export interface Env {
  /** `/model` overrides, `override:<session key>` (docs/storage.md). */
  OVERRIDES: KVNamespace;
  /** One conversation per object, named by its session key. */
  SESSIONS: DurableObjectNamespace<Session>;
  /** The single reader of this gateway's Hub inbox. */
  HUB_INBOX: DurableObjectNamespace<HubInbox>;
  /** Secrets and variables; read them with `variable()`. */
  readonly [name: string]: unknown;
}

/** A secret or variable by name; undefined when it is unset or empty. */
export function variable(env: Env, name: string): string | undefined {
  const value = env[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Of these names, the ones that are not set. */
export function missing(env: Env, names: readonly string[]): string[] {
  return names.filter((name) => variable(env, name) === undefined);
}
