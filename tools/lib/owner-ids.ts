import { own } from "../../src/lib/own.ts";
import type { PlatformName } from "../../src/message/platforms.ts";

/** What the id of an owner or a home chat looks like, and in words; else why nobody is an owner by id. */
export type OwnerId = { readonly pattern: RegExp; readonly in_words: string } | string;

/** One row for each platform: what its folder has no use for, and the checks of a routes file do. */
export const OWNER_IDS: { readonly [Name in PlatformName]: OwnerId } = {
  telegram: { pattern: /^-?\d+$/, in_words: "by number" },
  discord: { pattern: /^-?\d+$/, in_words: "by number" },
  hub: "a Hub sender's name is free to choose",
  cron: "a scheduled job is nobody's message",
  cli: "whoever holds ADMIN_TOKEN is its owner",
};

/** A platform's row, by a name from outside; undefined if there is no such platform. */
export const ownerIdOf = (platform: string): OwnerId | undefined => own(OWNER_IDS, platform);
