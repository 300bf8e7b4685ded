import { type Command, type CommandContext, mayRun } from "../commands/command.ts";
import { findCommand } from "../commands/index.ts";
import { type CommandCall, parseCommand } from "../commands/parse.ts";
import { log } from "../lib/log.ts";
import type { InboundMessage } from "../message/message.ts";
import { deliveryOf } from "../platforms/index.ts";
import type { Delivery } from "../platforms/platform.ts";
import type { InboxRow } from "./store.ts";

/** A message that calls a command; `command` is missing for an unknown name. */
export interface CalledCommand extends CommandCall {
  readonly command: Command | undefined;
}

/**
 * The command a message calls, or null for a message to the model. Where the sender is another agent, only a
 * known name is a command; anything else with a slash is its text.
 */
function commandCall(message: InboundMessage, delivery: Delivery): CalledCommand | null {
  if (message.literal) return null;
  const call = parseCommand(message.text);
  if (!call) return null;
  const command = findCommand(call.name);
  return command || delivery.takes_commands !== false ? { ...call, command } : null;
}

/** The command that a row not answered yet calls; null for a turn. */
export function callOf({ state, message }: InboxRow): CalledCommand | null {
  return state === "waiting" ? commandCall(message, deliveryOf(message)) : null;
}

/** Runs a command and returns its answer; null says nothing, to a peer that may not call it. */
export async function runCommand(
  { name, args, command }: CalledCommand,
  delivery: Delivery,
  context: CommandContext,
): Promise<string | null> {
  if (!command)
    return `There is no command /${name}. /help shows the commands; without the slash it is a message.`;
  const granted = mayRun(command, context.kind, context.routes.access);
  if (!granted && delivery.takes_commands === false) {
    // Peers' text is data: a peer runs only what access grants to its kind by name.
    log("info", "command_refused", { platform: context.message.source.platform, command: command.name });
    return null;
  }
  return granted ? command.run(args, context) : `Only the owner can use /${command.name} here.`;
}
