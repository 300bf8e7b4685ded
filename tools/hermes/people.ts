import { PLATFORM_FACTS, PLATFORM_NAMES, type PlatformName } from "../../src/message/platforms.ts";
import { isObject } from "../lib/json.ts";
import { OWNER_IDS } from "../lib/owner-ids.ts";
import type { Notes } from "./notes.ts";
import { block, type HermesSource, list, text } from "./source.ts";

/** Platforms on which people are known by id. */
const PLATFORMS = PLATFORM_NAMES.filter((name) => typeof OWNER_IDS[name] === "object");
const YES = /^(true|1|yes)$/i;

/** `owners`, `homes` and `access`, of the env file and the platforms' blocks. */
export function peopleOf(source: HermesSource, notes: Notes): Record<string, unknown> {
  const owners: Record<string, string[]> = {};
  const homes: Record<string, string> = {};
  const allowed_here: Record<string, string[]> = {};
  let answered = YES.test(source.env.GATEWAY_ALLOW_ALL_USERS ?? "");
  for (const platform of PLATFORMS) {
    const known = (ids: readonly string[], what: string) =>
      ids.filter((id) => isId(platform, id, what, notes));
    const prefix = platform.toUpperCase();
    const env = (name: string) => list(source.env[`${prefix}_${name}`]);
    const named = known(
      [...env("OWNER_USER_ID"), ...env("OWNER_USER_IDS"), ...list(source.env.GATEWAY_OWNER_USER_IDS)],
      "owner",
    );
    const allowed = [
      ...env("ALLOWED_USERS"),
      ...list(source.env.GATEWAY_ALLOWED_USERS),
      ...list(settings(source, platform, "allowed_users")),
    ];
    if (allowed.includes("*") || env("ALLOW_ALL_USERS").some((value) => YES.test(value))) answered = true;
    const others = known(
      allowed.filter((id) => id !== "*" && !named.includes(id)),
      "allowed user",
    );
    // Where Hermes names no owner, everybody it allows may run every command.
    owners[platform] = [...new Set(named.length > 0 ? named : others)];
    if (named.length === 0 && others.length > 0) {
      const why = "they are owners here, because Hermes lets each of them run every command";
      notes.left(`${PLATFORM_FACTS[platform].title}'s list of allowed users`, why);
    }
    const let_in = [
      ...env("ALLOWED_ROLES"),
      ...env("GROUP_ALLOWED_CHATS"),
      ...(named.length > 0 ? others : []),
    ];
    if (let_in.length > 0) allowed_here[platform] = known([...new Set(let_in)], "allowed id");
    const home = homeOf(source, platform);
    if (home !== undefined && isId(platform, home, "home channel", notes)) homes[platform] = home;
  }
  const written = Object.fromEntries(Object.entries(owners).filter(([, ids]) => ids.length > 0));
  return {
    ...(Object.keys(written).length > 0 && { owners: written }),
    ...(Object.keys(homes).length > 0 && { homes }),
    access: {
      strangers: answered ? "answer" : "ignore",
      ...(Object.keys(allowed_here).length > 0 && { allowed: allowed_here }),
    },
  };
}

/** A setting of a platform: below `platforms`, there perhaps under `extra`, or in a block of the platform's name. */
export function settings({ config }: HermesSource, platform: string, name: string): unknown {
  const whole = block(block(config, "platforms"), platform);
  return block(whole, "extra")[name] ?? whole[name] ?? block(config, platform)[name];
}

function homeOf(source: HermesSource, platform: string): string | undefined {
  const variable = `${platform.toUpperCase()}_HOME_CHANNEL`;
  const written = settings(source, platform, "home_channel");
  const value = isObject(written) ? written.chat_id : written;
  return text(source.env[variable]) ?? text(source.config[variable]) ?? text(value);
}

function isId(platform: PlatformName, id: string, what: string, notes: Notes): boolean {
  const { title } = PLATFORM_FACTS[platform];
  const owner_id = OWNER_IDS[platform];
  if (typeof owner_id !== "object" || owner_id.pattern.test(id)) return true;
  notes.left(`${title}'s ${what} ${id}`, `${title} identifies people and chats ${owner_id.in_words}`);
  return false;
}
