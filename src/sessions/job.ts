import { type Command, mayRun } from "../commands/command.ts";
import { findCommand } from "../commands/index.ts";
import { type CommandCall, parseCommand } from "../commands/parse.ts";
import type { Fields } from "../lib/log.ts";
import type { InboundMessage } from "../message/message.ts";
import type { SourceKind } from "../message/platforms.ts";
import { deliveryOf } from "../platforms/index.ts";
import type { Delivery } from "../platforms/platform.ts";
import { classify } from "../routing/source.ts";
import type { AccessRules, CompiledRoutes } from "../routing/types.ts";
import type { Exchange } from "./store/exchange.ts";

/** A message that calls a command; `command` is missing for an unknown name. */
export interface CalledCommand extends CommandCall {
  readonly command: Command | undefined;
}

/** An exchange in hand, and what its message means: worked out once. */
export interface Job {
  readonly exchange: Exchange;
  /** Of its message as it stands: a scheduled job that fails tells so elsewhere. */
  readonly delivery: Delivery;
  readonly kind: SourceKind;
  /** The command that it calls; null for a turn. */
  readonly call: CalledCommand | null;
  /** Fields that every log line about it begins with. */
  readonly labels: Fields;
}

export function jobOf(exchange: Exchange, session: string, routes: CompiledRoutes): Job {
  const { message, delivery_id } = exchange;
  return {
    exchange,
    get delivery() {
      return deliveryOf(exchange.message);
    },
    kind: classify(message.source, routes),
    call: callOf(exchange, deliveryOf(message)),
    labels: { platform: message.source.platform, session, delivery_id },
  };
}

/** The message behind a command that asks what follows its name; null where there is none, or it may not run. */
export function restOf(
  { call, kind, exchange: { message } }: Job,
  access: AccessRules,
): InboundMessage | null {
  if (!call?.command?.asksRest || call.args === "" || !mayRun(call.command, kind, access, message.source))
    return null;
  const text = message.text.trim().replace(/^\S+\s+/, "");
  return {
    ...message,
    delivery_id: `${message.delivery_id}:rest`,
    ref: undefined,
    notice: undefined,
    text,
    literal: true,
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
