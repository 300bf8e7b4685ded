import type { SessionControls } from "../commands/session.ts";
import type { Override } from "../routing/types.ts";
import type { History } from "./history.ts";
import type { Job } from "./job.ts";

/** What a command has to know of the session's turns. */
export interface TurnsInHand {
  /** Whether one goes on that came before this exchange. */
  isBusyBefore(seq: number): boolean;
  stop(by: Job): ReturnType<SessionControls["stop"]>;
}

/** Puts a summary in the place of a conversation's older part. */
export interface Compressing {
  /** The session's history, which has the summary. */
  readonly history: History;
  /**
   * Compresses before a turn asks this question, where the conversation has grown past the limit.
   * @throws if the storage fails
   */
  beforeTurn(job: Job, override: Override | null, question: string, stop: AbortSignal): Promise<void>;
  /** What a command may do with it. */
  controls(job: Job, turns: TurnsInHand): Partial<SessionControls>;
}
