import { hide } from "./lib/redact.ts";
import type { InboundMessage } from "./message/message.ts";

/** Secrets and plain variables by name; read them with `variable()`. */
export interface Variables {
  readonly [name: string]: unknown;
}

/** What became of a message at its session: stored, known already, or no room for it. */
export type Accepted = "accepted" | "duplicate" | "full";

/** An exchange as the conversation keeps it. */
export interface QuestionAndAnswer {
  readonly question: string;
  readonly answer: string;
}

/** A group's message that does not address the bot, as its room keeps it. */
export interface OverheardLine {
  readonly id: string;
  /** When it came, in Unix milliseconds; another one's is another. */
  readonly at: number;
  readonly from: string;
  readonly text: string;
}

/** The methods of a session's Durable Object that other code may call. */
export interface SessionObject extends Rpc.DurableObjectBranded {
  /** Stores a message and starts on it; once this resolves the message is durable. */
  accept(message: InboundMessage): Promise<Accepted>;
  /** Keeps a message that does not address the bot; once this resolves it is durable. */
  overhear(message: InboundMessage): Promise<void>;
  /** What was overheard in its room, oldest first. */
  overheard(): Promise<readonly OverheardLine[]>;
  /** Forgets what was overheard up to then, in Unix milliseconds. */
  dropOverheard(until: number): Promise<void>;
  /** What its turns send of its conversation, oldest first. */
  conversation(): Promise<readonly QuestionAndAnswer[]>;
  /** What is chosen in it beside the model. */
  settings(): Promise<{ readonly [name: string]: string | undefined }>;
  /** An answer while it is written, and its end, as server-sent events; null where the message is not known. */
  follow(delivery_id: string): Promise<ReadableStream<Uint8Array> | null>;
  /** Takes up what is not finished. */
  look(): Promise<void>;
  /** Frees its storage if it is untouched for 90 days; false if it is not. */
  free(): Promise<boolean>;
}

/** The methods of the register's Durable Object that other code may call. */
export interface RegisterObject extends Rpc.DurableObjectBranded {
  /** Notes that a session is in use today. */
  enlist(session: string): Promise<void>;
  /** Looks at the sessions whose time it is: takes up lost work, frees what is untouched for long. */
  sweep(): Promise<void>;
}

/** The methods of the Hub inbox's Durable Object that other code may call. */
export interface HubInboxObject extends Rpc.DurableObjectBranded {
  /** Tells that there may be something new. Returns at once, while the inbox is being read. */
  hint(): Promise<void>;
  /** Reads the inbox now, or waits for the read that is running; resolves when it is over. */
  sweep(): Promise<void>;
}

/** What is remembered of an owner. */
export interface OwnerNotes {
  readonly text: string;
  /** Another one after each change. */
  readonly revision: number;
  /** Whether what the request's flush has found is in the text. */
  readonly done: boolean;
}

/** A read of an owner's memory; with a `text`, a change of it. */
export interface NotesRequest {
  /** The id of the flush that reads or writes. */
  readonly flush?: string;
  /** What takes the place of what is remembered. */
  readonly text?: string;
  /** The revision that the text comes from: nothing is written over another. Without one it is written in any case. */
  readonly revision?: number;
}

/** The methods of an owner's memory, a Durable Object, that other code may call. */
export interface MemoryObject extends Rpc.DurableObjectBranded {
  /** What is remembered once the request is done; undefined where nothing is. */
  notes(request: NotesRequest): Promise<OwnerNotes | undefined>;
}

/** What wrangler.toml binds, beside the variables. */
export interface Env extends Variables {
  /** `/model` overrides, `override:<session key>` (docs/storage.md). */
  readonly OVERRIDES: KVNamespace;
  /** One conversation per object, named by its session key. */
  readonly SESSIONS: DurableObjectNamespace<SessionObject>;
  /** The one list of sessions. */
  readonly REGISTER: DurableObjectNamespace<RegisterObject>;
  /** The single reader of this gateway's Hub inbox. */
  readonly HUB_INBOX: DurableObjectNamespace<HubInboxObject>;
  /** What is remembered of each owner, where routes.yaml has `memory`. */
  readonly MEMORY: DurableObjectNamespace<MemoryObject>;
}

/** A secret or variable by name; undefined when it is unset or empty. No log has a secret's value from here on. */
export function variable(variables: Variables, name: string): string | undefined {
  const value = variables[name];
  if (typeof value !== "string" || value === "") return undefined;
  hide(name, value);
  return value;
}

/** Of these names, the ones that are not set. */
export function missing(variables: Variables, names: readonly string[]): string[] {
  return names.filter((name) => variable(variables, name) === undefined);
}
