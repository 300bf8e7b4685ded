import type { KeptControls, TaskControls } from "../commands/session.ts";
import type { OverheardLine, QuestionAndAnswer, Scheduling, Variables } from "../env.ts";
import type { Alarm, Kv, Lifetime, Sql } from "../lib/ports.ts";
import type { Clock } from "../lib/time.ts";
import type { InboundMessage } from "../message/message.ts";
import type { CompiledRoutes } from "../routing/types.ts";
import type { Compressing } from "./compressing.ts";
import type { Hear } from "./fetch-file.ts";
import type { History } from "./history.ts";
import type { Job } from "./job.ts";
import type { Lane, LaneHost } from "./lane.ts";
import type { Listener } from "./listener.ts";
import type { OpenMemory, SessionMemory } from "./memory/port.ts";
import type { SessionOverride } from "./override.ts";
import type { Peers } from "./peers.ts";
import type { Runs } from "./runs.ts";
import type { Settings } from "./settings.ts";
import type { Exchange } from "./store/exchange.ts";
import type { Exchanges } from "./store/exchanges.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What a room's session does for another one, or for itself. */
interface Room {
  overheard(): Awaitable<readonly OverheardLine[]>;
  dropOverheard(until: number): Awaitable<void>;
}
type Awaitable<Value> = Value | Promise<Value>;

/** A session's background tasks, as the session sees them. */
export interface BackgroundTasks {
  /** One for each task that has begun and is not over. */
  readonly lanes: readonly Lane[];
  /**
   * Takes out what is a task of what an object before this one left, and gives the rest back. Called before all else.
   * @throws if the storage fails; it can be called again then
   */
  load(jobs: readonly Job[]): Job[];
  /** Starts the tasks whose command is not among these any more, or is answered. */
  start(commands: readonly Job[]): void;
  /** What this command may do to the tasks. `store` stores a question that follows from a command. */
  controls(command: Exchange, turns: { store(message: InboundMessage): Job }): TaskControls;
}

/** What a session stands on: a Durable Object, or a simulated one. */
export interface SessionPorts {
  /** The session key. */
  readonly name: string;
  readonly sql: Sql;
  readonly alarm: Alarm;
  readonly lifetime: Lifetime;
  readonly clock: Clock;
  /** Where overrides are kept. */
  readonly kv: Kv;
  readonly routes: CompiledRoutes;
  readonly env: Variables;
  /** Listens to recordings; null where the routes file has nothing that does. */
  readonly hear: Hear | null;
  /** What runs of the scheduler need; null where there is no scheduler. */
  readonly runs: Runs | null;
  /** The scheduler, for commands. */
  scheduler(): Scheduling;
  /** Keeps agents from answering each other for ever; null where no peer is answered. */
  readonly peers?: Peers | null;
  /** What was overheard in the room that this session is, and what its turns have seen of theirs. */
  readonly overheard: Listener;
  /** What sessions can do only with some routes files. */
  readonly features?: readonly Feature[];
  /** Opens what it remembers; absent where the routes file has no `memory`. */
  readonly openMemory?: OpenMemory | null;
  /** Puts the session on the register of sessions. */
  enlist(): Promise<void>;
  /** What another session's turns send of its conversation, oldest first. */
  conversationOf(session: string): Promise<readonly QuestionAndAnswer[]>;
  /** The session that keeps what is overheard in a room, by its key: another one, or this one itself. */
  roomOf(room: string): Room;
  /** What is chosen in another session beside the model. */
  settingsOf(session: string): Promise<unknown>;
}

/** What the parts of a session share. */
export interface SessionState extends SessionPorts {
  readonly host: LaneHost;
  readonly exchanges: Exchanges;
  /** Absent where nothing is compressed. */
  readonly compressing?: Compressing;
  /**
   * Ends the conversation before a message, if it is time; the one before it came at `lastAt`, in Unix milliseconds. Only
   * where nothing goes on. Part of the transaction that stores the message. Absent where conversations do not end so.
   */
  readonly resetBefore?: (exchange: Exchange, lastAt: number) => void;
  readonly history: History;
  readonly override: SessionOverride;
  readonly settings: Settings;
  /** Absent where nobody may begin one. */
  readonly tasks?: BackgroundTasks;
  /** What is kept, for the command with this seq. Absent where nobody may ask for it. */
  readonly kept?: (seq: number, turns: { readonly lane: Lane }) => KeptControls;
  readonly memory: SessionMemory | null;
  readonly room: WaitingRoom;
}

/** Gives a session what it can do only with some routes files: its state has more, or other things. */
export type Feature = (ports: SessionPorts, state: () => SessionState) => Partial<SessionState>;
