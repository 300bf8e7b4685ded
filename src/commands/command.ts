import type { Variables } from "../env.ts";
import { own } from "../lib/own.ts";
import type { InboundMessage } from "../message/message.ts";
import type { PlatformName, SourceKind } from "../message/platforms.ts";
import type { Source } from "../message/source.ts";
import { isShared } from "../message/speaker.ts";
import type { AccessRules, CompiledRoutes } from "../routing/types.ts";
import type { CommandReply } from "./keyboard.ts";
import type { SessionControls } from "./session.ts";

export interface CommandContext {
  readonly message: InboundMessage;
  readonly kind: SourceKind;
  readonly routes: CompiledRoutes;
  readonly env: Variables;
  /** Unix milliseconds. */
  readonly now: number;
  readonly session: SessionControls;
  /** Every command there is, in the order in which they are listed. */
  readonly commands: readonly Command[];
}

/** One completion of a command's argument: what is shown, and what is sent. */
export interface Choice {
  readonly name: string;
  readonly value: string;
}

/** A chat command: answered at once, even while a turn runs, and never shown to the model. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for `/help` and the platforms' command menus; at most 100 characters. */
  readonly summary: string;
  /** What may follow the name, for platforms that ask for it in a form of their own. */
  readonly argument?: { readonly name: string; readonly summary: string };
  /** Who may run it, where `access.commands` in routes.yaml does not say otherwise. */
  readonly access: readonly SourceKind[];
  /** True for a command that takes something away from others in a session that several people share, or hands it out. */
  readonly destroys?: true;
  /** Who may run it without an argument, whatever `access.commands` says: it changes nothing then. */
  readonly bare?: readonly SourceKind[];
  /** True where the text behind the name is a message of its own, which is asked once the command has run. */
  readonly asksRest?: true;
  /** The one platform that has it; the others do not list it. */
  readonly only?: PlatformName;
  /** True where its answer is the model's: everybody in the chat sees it. */
  readonly shared?: true;
  /** True for a command that does not wait for the commands before it. */
  readonly immediate?: true;
  /** Completions of the argument typed so far, the likeliest first. Called only for senders who may run it. */
  choices?(typed: string, routes: CompiledRoutes): readonly Choice[];
  /** The answer, in Markdown, with or without buttons; null where a turn that it began will say it. */
  run(args: string, context: CommandContext): Promise<string | CommandReply | null>;
}

/** The source kinds that are people. Hub peers and cron jobs need `access.commands` to run a command. */
export const PEOPLE: readonly SourceKind[] = ["owner", "stranger"];

/** Whether a platform lists a command. */
export const isOn = ({ only }: Command, platform: PlatformName): boolean =>
  only === undefined || only === platform;

/** Who may end what others began in a session that they share. */
const OWNERS: readonly SourceKind[] = ["owner"];

/**
 * Whether somebody may run a command: as `access.commands` says, by kind or as `platform:id`, else as the command
 * itself does. Where a session is shared, what destroys is the owners' unless `access.commands` names others.
 * @param source null for a chat that is nobody's in particular, in a menu
 * @example mayRun(model, "stranger", routes.access, null) // false, unless the routes file lists strangers
 */
export function mayRun(
  { name, access: ordinary, destroys }: Pick<Command, "name" | "access" | "destroys">,
  kind: SourceKind,
  access: AccessRules,
  source: Source | null,
): boolean {
  const may: readonly string[] =
    own(access.commands, name) ?? (destroys && source && isShared(source) ? OWNERS : ordinary);
  return may.includes(kind) || may.includes(`${source?.platform}:${source?.user_id}`);
}

/** The commands that somebody may run where a message came from. */
export const offered = (
  commands: readonly Command[],
  source: Source,
  kind: SourceKind,
  access: AccessRules,
): readonly Command[] =>
  commands.filter((command) => isOn(command, source.platform) && mayRun(command, kind, access, source));

/** Whether somebody may run a command with these arguments: what changes nothing may be for more. */
export function mayCall(
  command: Command,
  args: string,
  kind: SourceKind,
  access: AccessRules,
  source: Source | null,
): boolean {
  return mayRun(command, kind, access, source) || (args === "" && command.bare?.includes(kind) === true);
}
