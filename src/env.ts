import type { InboundMessage } from "./message/message.ts";

/** Secrets and plain variables by name; read them with `variable()`. */
export interface Variables {
  readonly [name: string]: unknown;
}

/** What became of a message at its session: stored, known already, or no room for it. */
export type Accepted = "accepted" | "duplicate" | "full";

/** What other code may ask of a session's object. */
export interface SessionObject extends Rpc.DurableObjectBranded {
  /** Stores a message and starts on it; once this resolves the message is durable. */
  accept(message: InboundMessage): Promise<Accepted>;
}

/** What other code may ask of the Hub inbox's reader. */
export interface HubInboxObject extends Rpc.DurableObjectBranded {
  /** There may be something new. Returns at once; the look runs on. */
  hint(): Promise<void>;
  /** Looks now, or joins the look that is running; resolves when it is over. */
  sweep(): Promise<void>;
}

/** What wrangler.toml binds, beside the variables. */
export interface Env extends Variables {
  /** `/model` overrides, `override:<session key>` (docs/storage.md). */
  readonly OVERRIDES: KVNamespace;
  /** One conversation per object, named by its session key. */
  readonly SESSIONS: DurableObjectNamespace<SessionObject>;
  /** The single reader of this gateway's Hub inbox. */
  readonly HUB_INBOX: DurableObjectNamespace<HubInboxObject>;
}

/** A secret or variable by name; undefined when it is unset or empty. */
export function variable(variables: Variables, name: string): string | undefined {
  const value = variables[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Of these names, the ones that are not set. */
export function missing(variables: Variables, names: readonly string[]): string[] {
  return names.filter((name) => variable(variables, name) === undefined);
}
