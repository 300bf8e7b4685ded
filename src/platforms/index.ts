import { PLATFORMS } from "#platforms";
import { missing, type Variables } from "../env.ts";
import type { InboundMessage } from "../message/message.ts";
import type { Delivery, Platform } from "./platform.ts";

export { PLATFORMS };

/** The platform of this name; undefined if there is none. */
export function findPlatform(name: string): Platform | undefined {
  return PLATFORMS.find((platform) => platform.name === name);
}

/** A platform is on when all its secrets are set. */
export function isOn(platform: Platform, env: Variables): boolean {
  return missing(env, platform.secrets).length === 0;
}

/** The platform that delivers the answer to this message: its own, unless the scheduler names another one. */
export const delivererOf = ({ source, run }: InboundMessage): Platform | undefined =>
  findPlatform(String(run?.via ?? source.platform));

/**
 * How answers to this message are delivered.
 * @throws if its platform is not registered: a bug, or storage of a later version.
 */
export function deliveryOf(message: InboundMessage): Delivery {
  const platform = delivererOf(message);
  if (!platform) throw new Error(`No platform ${message.source.platform} to deliver to`);
  return platform.delivery;
}
