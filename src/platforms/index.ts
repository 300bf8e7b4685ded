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

/**
 * How answers to this message are delivered.
 * @throws if its platform is not registered: a bug, or storage of a later version.
 */
export function deliveryOf(message: InboundMessage): Delivery {
  const platform = findPlatform(message.source.platform);
  if (!platform) throw new Error(`No platform ${message.source.platform} to deliver to`);
  return platform.delivery;
}
