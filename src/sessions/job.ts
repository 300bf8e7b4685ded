import type { Command } from "../commands/command.ts";
import { findCommand } from "../commands/index.ts";
import { type CommandCall, parseCommand } from "../commands/parse.ts";
import type { Fields } from "../lib/log.ts";
import type { SourceKind } from "../message/platforms.ts";
import { deliveryOf } from "../platforms/index.ts";
import type { Delivery } from "../platforms/platform.ts";
import { classify } from "../routing/source.ts";
import type { CompiledRoutes } from "../routing/types.ts";
import type { Exchange } from "./store/exchanges.ts";

/** A message that calls a command; `command` is missing for an unknown name. */
export interface CalledCommand extends CommandCall {
  readonly command: Command | undefined;
}

/** An exchange in hand, and what its message means: worked out once. */
export interface Job {
  readonly exchange: Exchange;
  readonly delivery: Delivery;
  readonly kind: SourceKind;
  /** The command that it calls; null for a turn. */
  readonly call: CalledCommand | null;
  /** Fields that every log line about it begins with. */
  readonly labels: Fields;
}

export function jobOf(exchange: Exchange, session: string, routes: CompiledRoutes): Job {
  const { message, delivery_id } = exchange;
  const delivery = deliveryOf(message);
  return {
    exchange,
    delivery,
    kind: classify(message.source, routes),
    call: callOf(exchange, delivery),
    labels: { platform: message.source.platform, session, delivery_id },
  };
}

/**
 * Where the sender is another agent, only a known name is a command; anything else with a slash is its text.
 */
function callOf({ message }: Exchange, delivery: Delivery): CalledCommand | null {
  if (message.literal) return null;
  const call = parseCommand(message.text);
  if (!call) return null;
  const command = findCommand(call.name);
  return command || delivery.takes_commands !== false ? { ...call, command } : null;
}
