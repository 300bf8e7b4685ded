import type { OverheardLine, QuestionAndAnswer, Variables } from "../env.ts";
import type { Alarm, Kv, Lifetime, Sql } from "../lib/ports.ts";
import type { Clock } from "../lib/time.ts";
import type { CompiledRoutes } from "../routing/types.ts";
import type { Hear } from "./fetch-file.ts";
import type { History } from "./history.ts";
import type { Listener } from "./listener.ts";
import type { SessionOverride } from "./override.ts";
import type { Peers } from "./peers.ts";
import type { Settings } from "./settings.ts";
import type { Exchanges } from "./store/exchanges.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What a room's session does for another one, or for itself. */
interface Room {
  overheard(): Awaitable<readonly OverheardLine[]>;
  dropOverheard(until: number): Awaitable<void>;
}
type Awaitable<Value> = Value | Promise<Value>;

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
  /** Keeps agents from answering each other for ever; null where no peer is answered. */
  readonly peers?: Peers | null;
  /** What was overheard in the room that this session is, and what its turns have seen of theirs. */
  readonly overheard: Listener;
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
  readonly exchanges: Exchanges;
  readonly history: History;
  readonly override: SessionOverride;
  readonly settings: Settings;
  readonly room: WaitingRoom;
}
