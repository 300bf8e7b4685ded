import type { OverheardLine } from "../env.ts";
import type { Sql } from "../lib/ports.ts";
import type { InboundMessage } from "../message/message.ts";
import { deleteMeta } from "./store/tables.ts";

/** Where what was overheard is kept, in `meta`. */
export const OVERHEARD = "overheard";

/**
 * What was said in a room without addressing the bot, and how much of it a session's turns have seen. Every method
 * but `told` throws if the storage fails.
 */
export interface Listener {
  /** Keeps a message, and of all only so many and so long; one that is kept already stays as it is. */
  keep(message: InboundMessage): void;
  /** What is kept and at most a day old, oldest first. */
  lines(now: number): readonly OverheardLine[];
  /** Of a room's lines those that this session's turns have not seen. */
  unseen(lines: readonly OverheardLine[]): readonly OverheardLine[];
  /** How a turn is told of lines, in at most so many tokens; empty where there are none. */
  told(lines: readonly OverheardLine[], tokens: number): string;
  /**
   * Forgets what came up to then, in Unix milliseconds.
   * @param seen the newest line that turns have seen: a line that they have is in the conversation
   */
  drop(until: number, seen?: number): void;
  /** When the oldest line has to go, in Unix milliseconds; null if there is none. */
  readonly until: number | null;
}

/** Where no room is listened to: keeps nothing, and drops what was kept while one was. */
export const deaf = (sql: Sql): Listener => ({
  keep: () => undefined,
  lines: () => [],
  unseen: () => [],
  told: () => "",
  drop: () => deleteMeta(sql, OVERHEARD),
  until: null,
});
