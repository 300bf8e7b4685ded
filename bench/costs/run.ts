import type { Costs } from "./count.ts";

/** What a chat does, and what of it is counted. */
export interface Script {
  readonly text: string;
  /** A message that is sent before all others, `/model NAME` for example. */
  readonly first?: string;
  /** Messages that come a second apart while the object is in memory; it is a new one for the next so many. */
  readonly burst: number;
  /** Each message is delivered again ten minutes later, and only that is counted. */
  readonly redelivered?: true;
  /** The user has blocked the bot. */
  readonly blocked?: true;
}

/** A part of a chat's messages, numbered from 0. */
export interface Run {
  readonly chat: number;
  readonly script: Script;
  readonly from: number;
  readonly messages: number;
}

export interface Report {
  /** Of all messages of the run together. */
  readonly costs: Costs;
  /** Messages that the platform was given, those that it refused included. */
  readonly sends: number;
  /** The text of the newest of them. */
  readonly last: string;
  readonly duplicates: number;
  /** Messages that are parked at the end. */
  readonly parked: number;
  /** Size of the session's database at the end. */
  readonly bytes: number;
}

/** Messages that a chat sends a day, whatever their spacing: daily work has the same share everywhere. */
export const MESSAGES_A_DAY = 24;
