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

/** A scheduled job as the scheduler knows it; times in Unix milliseconds. */
export interface JobState {
  readonly name: string;
  /** Null where it will not run any more. */
  readonly next_at: number | null;
  readonly paused: boolean;
  /** When it was due last; null before the first run. */
  readonly last_at: number | null;
}

/** A reminder that waits for its time. */
export interface ReminderState {
  readonly id: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly text: string;
}

/** What a reminder got: its number; or why there is none. */
export type Reminded = number | "unreachable" | "full";

/** What commands may ask of the scheduler. */
export interface Scheduling {
  /** The jobs of the routes file, in its order. */
  jobs(): Promise<readonly JobState[]>;
  /** Runs a job as if it were due. */
  runJob(name: string): Promise<void>;
  /** Keeps a job from running, or lets it run from its next time on. */
  pauseJob(name: string, paused: boolean): Promise<void>;
  /** Keeps a text for a time (Unix milliseconds), in the chat of the message that asked for it. */
  remind(message: InboundMessage, at: number, text: string): Promise<Reminded>;
  /** The reminders that a session has set, the next one first. */
  reminders(session: string): Promise<readonly ReminderState[]>;
  /** Forgets a session's reminder; false if there is none of this number. */
  cancelReminder(session: string, id: number): Promise<boolean>;
}

/** The methods of the scheduler's Durable Object that other code may call; where there is no `cron:` it has none. */
export interface SchedulerObject extends Scheduling, Rpc.DurableObjectBranded {
  /** Sees to it that the alarm is set for what comes next. */
  check(): Promise<void>;
}

/** What wrangler.toml binds, beside the variables. */
export interface Env extends Variables {
  /** `/model` overrides, `override:<session key>` (docs/storage.md). */
  readonly OVERRIDES: KVNamespace;
  /** One conversation per object, named by its session key. */
  readonly SESSIONS: DurableObjectNamespace<SessionObject>;
  /** The one list of sessions. */
  readonly REGISTER: DurableObjectNamespace<RegisterObject>;
  /** What runs at its time: scheduled jobs and reminders. One object, `schedulerOf`. */
  readonly SCHEDULER: DurableObjectNamespace<SchedulerObject>;
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
