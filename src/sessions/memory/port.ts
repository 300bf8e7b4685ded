import type { MemoryControls } from "../../commands/session.ts";
import type { NotesRequest, OwnerNotes, Variables } from "../../env.ts";
import type { ChatMessage } from "../../inference/types.ts";
import type { Fields } from "../../lib/log.ts";
import type { Sql } from "../../lib/ports.ts";
import type { Result } from "../../lib/result.ts";
import type { Clock } from "../../lib/time.ts";
import type { Source } from "../../message/source.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import type { TurnRecord } from "../record.ts";
import type { Said } from "../store/conversation.ts";

/*
 * What is here and in the files beside it imports nothing that knows the parts of the Worker, of which it is one.
 */

/**
 * What a session remembers of conversations that are over: of its chat, and, in an owner's direct chat, of the owner.
 * It works off what is to be remembered like a lane. Every method throws if the storage fails.
 */
export interface SessionMemory extends MemoryControls {
  /** What a turn for this source is told, for the end of the system prompt; empty where nothing is remembered. */
  told(source: Source): Promise<string>;
  /**
   * Has what was said remembered in the background: called in one commit with the writes that end or shorten the
   * conversation. What is handed over a second time is not looked at again.
   * @param source whose message ends it
   */
  flush(source: Source, said: readonly Said[]): void;
  /** The chat's notes; empty where there are none. */
  readonly text: string;
  /** Takes over the notes of the chat under its old id, which came as JSON, where it has none of its own. */
  adopt(beside: unknown): void;
  /** Forgets the chat's notes, and what waits to be remembered. */
  clear(): void;
  /** How much waits to be remembered. */
  readonly length: number;
  /** As `Lane.due`. */
  readonly due: number | null;
  /** As `Lane.start`. */
  start(): void;
}

/** What an owner is remembered by: a Durable Object, or a fake of it. */
export interface OwnerMemory {
  notes(request: NotesRequest): Promise<OwnerNotes | undefined>;
}

/** `ask` (ask.ts) for an operation without context: it gets the whole default bundle, with its fallbacks. */
type AskDefault = (
  question: {
    readonly context: null;
    readonly override: null;
    readonly session: null;
    readonly delivery_id: null;
    prompt(): Promise<Result<readonly ChatMessage[], string>>;
  },
  tools: Pick<MemoryPorts, "routes" | "env" | "clock"> & { readonly signal: AbortSignal },
) => Promise<
  { readonly fields: Fields; readonly record: TurnRecord | null } & (
    | { readonly kind: "answer"; readonly text: string }
    | { readonly kind: "error"; readonly reason: string }
    | { readonly kind: "declined" }
  )
>;

/** What a session's memory stands on. */
export interface MemoryPorts {
  /** The session key. */
  readonly name: string;
  readonly sql: Sql;
  readonly clock: Clock;
  readonly routes: CompiledRoutes;
  readonly env: Variables;
}

/** What it asks of its session: as `LaneHost`, and more. */
export interface MemoryHost {
  spawn(work: Promise<void>): void;
  wakeAt(time: number): void;
  /** Whether a turn is being answered: what is to be remembered waits for it. */
  isAnswering(): boolean;
  readonly ask: AskDefault;
}

/** Opens a session's memory; null where nothing is remembered. */
export type OpenMemory = (ports: MemoryPorts, host: MemoryHost) => SessionMemory | null;
