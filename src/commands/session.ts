import type { Scheduling } from "../env.ts";
import type { Source } from "../message/source.ts";
import type { StoredHome } from "../routing/home.ts";
import type { StoredOverride } from "../routing/override.ts";
import type { SessionSettings } from "../routing/settings.ts";
import type { Bundle, Override } from "../routing/types.ts";

/** One model's turns, summed. */
export interface ModelUsage {
  readonly model: string;
  readonly turns: number;
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly reasoning: number;
  /** Null where none of these turns had a price. */
  readonly cost: number | null;
}

/** How the newest turn went, for `/status`. */
export interface LastTurn {
  /** The model that answered, or was asked first where none did. */
  readonly model: string;
  /** `ok`, `stopped`, or why there was no answer. */
  readonly outcome: string;
  /** Every bundle that was tried and what came of it; null where the first answered at once. */
  readonly attempts: string | null;
  readonly fallback: boolean;
}

/** What a session is doing, for `/status`. */
export interface SessionStatus {
  readonly running: boolean;
  readonly waiting: number;
  readonly messages: number;
  readonly parked: number;
  /** The newest turn; null before the first. */
  readonly last: LastTurn | null;
}

/** A message that got no answer. */
export interface ParkedMessage {
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** A word: why. */
  readonly reason: string;
  /** How it begins; null where it is not kept. */
  readonly text: string | null;
}

/** What /undo came to: how the question begins that was taken out, and its seq; null where there was none. */
export type Undone = { readonly question: string; readonly seq: number } | "busy" | null;

/** What a sender may choose in a session. */
export interface MayChoose {
  readonly model: boolean;
  readonly reasoning: boolean;
  readonly personality: boolean;
}

/** A background task that is not over, for `/tasks`. */
export interface RunningTask {
  readonly id: number;
  readonly prompt: string;
  /** When it was asked, in Unix milliseconds. */
  readonly since: number;
}

/** What a command may do to the background tasks of its session. */
export interface TaskControls {
  /** Asks what stands behind the command's name; `full` where too many tasks go on already. */
  begin(): "begun" | "full";
  /** Oldest first. */
  list(): readonly RunningTask[];
  /** Ends a task; nothing more is said of it. False where there is none of this id. */
  stop(id: number): boolean;
}

/** What `/memory` shows, and forgets; both throw if the storage fails. */
export interface MemoryControls {
  /** The notes of the owner who asks, in a direct chat, else null; and the chat's. */
  shown(source: Source): Promise<{ readonly owner: string | null; readonly chat: string }>;
  /** Forgets what is shown, and remembers nothing of what was said up to the command with this seq. */
  forget(source: Source, seq: number): Promise<void>;
}

/** What is kept of a session, for its user. Both throw if the storage fails. */
export interface KeptControls {
  /** Oldest first; `older` questions are left out, because a file has no room for them. Times are ISO 8601, in UTC. */
  read(): {
    readonly conversation: readonly {
      readonly at: string;
      readonly question: string;
      readonly answer: string;
    }[];
    readonly older: number;
    readonly parked: readonly {
      readonly at: string;
      readonly reason: string;
      readonly text: string | null;
    }[];
  };
  /** Deletes the words of all that came before the command, for good; how many questions and parked messages had any. */
  forget(): { readonly exchanges: number; readonly parked: number } | undefined;
}

/** What a command may do to its session. */
export interface SessionControls {
  /** The `/model` override in force. */
  override(): Promise<StoredOverride | null>;
  /** In force from the next message on; null returns to the route. */
  setOverride(override: Override | null): Promise<void>;
  /** What is chosen beside the model. */
  settings(): SessionSettings;
  /** Replaces all settings, from the next message on. */
  setSettings(settings: SessionSettings): void;
  /**
   * Makes a chat its platform's home, for the whole gateway.
   * @throws if the storage does not take it
   */
  setHome(home: StoredHome): Promise<void>;
  /** The gateway's scheduler; only for commands that are there where it is. */
  scheduler(): Scheduling;
  /** Starts a thread of this name beside the chat; the line that tells where, or why there is none. */
  openThread(name: string): Promise<string>;
  /** Ends the running turn and drops what waits behind it; not what came after this command. */
  stop(): { readonly running: boolean; readonly dropped: number };
  /**
   * Puts a summary in the place of the conversation's older part, or brings it up to date; the line that tells what
   * came of it. Absent where nothing is compressed.
   */
  compress?(focus: string): Promise<string>;
  /** How full this model's window is, for a line that tells how long the conversation is. Absent as `compress`. */
  fill?(bundle: Pick<Bundle, "context">): string;
  /** The running number of the command's own message. */
  readonly seq: number;
  /** Forgets the conversation; `chosen` for it is kept, so that this can be taken back. */
  clear(chosen: { readonly override: StoredOverride | null; readonly settings: SessionSettings }): void;
  /** Forgets what was overheard in the room until this command. @throws if the room does not answer */
  dropOverheard(): Promise<void>;
  /** Takes `/new` of this seq back, with what the sender may choose; false where it is too late. */
  takeBackNew(seq: number, may: MayChoose): Promise<boolean>;
  /** Puts an exchange back that /undo took out; false where it is too late. */
  putBack(seq: number): boolean;
  /** Takes the last exchange out of the conversation; `busy` while a turn before this command goes on. */
  undo(): Undone;
  /** Asks the last question again, in the place of the first time; `gone` where its text is not kept. */
  retry(): "asked" | "busy" | "nothing" | "gone";
  /** The messages that got no answer, oldest first. */
  parked(): readonly ParkedMessage[];
  /** Asks those again whose text is kept, each in its turn; how many they are. */
  askParked(seqs: readonly number[]): number;
  /** Forgets them. */
  dropParked(seqs: readonly number[]): void;
  /** Absent in a Worker without background tasks. */
  readonly tasks?: TaskControls | undefined;
  /** Absent in a Worker where nobody may use what needs it. */
  readonly kept?: KeptControls | undefined;
  /** Null where routes.yaml has no `memory`. */
  readonly memory: MemoryControls | null;
  status(): SessionStatus;
  /** What turns since then (Unix milliseconds) used, by model. */
  usage(since: number): readonly ModelUsage[];
}
