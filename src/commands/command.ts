import type { Env } from "../env.ts";
import type { InboundMessage } from "../platforms/platform.ts";
import type { StoredOverride } from "../routing/overrides.ts";
import type { CompiledRoutes, Override, SourceKind } from "../routing/types.ts";
import type { LastTurn, ModelUsage } from "../sessions/ledger.ts";

/** What a session is doing, for `/status`. */
export interface SessionStatus {
  readonly running: boolean;
  readonly waiting: number;
  readonly messages: number;
  readonly parked: number;
  /** The newest turn; null before the first. */
  readonly last: LastTurn | null;
}

/** What a command may do to its session. */
export interface SessionControls {
  /** The `/model` override in force. */
  override(): Promise<StoredOverride | null>;
  /** In force from the next message on; null returns to the route. */
  setOverride(override: Override | null): Promise<void>;
  /** Ends the running turn and drops what waits behind it; not what came after this command. */
  stop(): { readonly running: boolean; readonly dropped: number };
  /** Forgets the conversation. */
  clear(): void;
  status(): SessionStatus;
  /** What turns since then (Unix milliseconds) used, by model. */
  usage(since: number): readonly ModelUsage[];
}

export interface CommandContext {
  readonly message: InboundMessage;
  readonly kind: SourceKind;
  readonly routes: CompiledRoutes;
  readonly env: Env;
  readonly session: SessionControls;
}

/** A chat command: answered at once, even while a turn runs, and never shown to the model. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for `/help` and the platforms' command menus; at most 100 characters. */
  readonly summary: string;
  /** What may follow the name, for platforms that ask for it in a form of their own. */
  readonly argument?: { readonly name: string; readonly summary: string };
  /** True for a command that does not wait for the commands before it. */
  readonly immediate?: true;
  /** The answer, in Markdown. */
  run(args: string, context: CommandContext): Promise<string>;
}
