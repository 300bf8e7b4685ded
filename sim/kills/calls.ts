import type { World } from "../../test/e2e/support/world.ts";
import { pause } from "../../tools/lib/wait.ts";
import type { Random } from "../runtime/chance.ts";
import type { Range } from "./chats.ts";

/** How late a platform answers while it is slow, and how long until it is so again. */
const SLOW_MS: Range = [100, 800];
const QUICK_MS: Range = [100, 1_500];
/** How long a call is waited for, and how long it has been under way when its gateway is killed. */
const LONGEST_WAIT_MS = 3_000;
const UNDER_WAY_MS: Range = [0, 200];
const LOOK_AGAIN_MS = 10;

/** Calls of one method, of a platform. */
export interface Calls {
  readonly name: string;
  /** Calls are answered when the returned function is called, and not before. */
  hold(): () => void;
  isUnderWay(): boolean;
}

/** The calls that show something, of the platforms where they may be slow. */
export function callsOf({ telegram, discord }: World): Calls[] {
  const isUnderWay = ({ status }: { readonly status: number | null }) => status === null;
  const ofTelegram = ["sendMessage", "editMessageText"].map((name) => ({
    name,
    hold: () => telegram.faults.hold(name),
    isUnderWay: () => telegram.callsOf(name).some(isUnderWay),
  }));
  const ofDiscord = (["edit_original", "follow_up"] as const).map((name) => ({
    name,
    hold: () => discord.faults.hold(name),
    isUnderWay: () => discord.callsOf(name).some(isUnderWay),
  }));
  return [...ofTelegram, ...ofDiscord];
}

/** Holds calls for a while, again and again: kills are to fall into them. */
export async function slowDown(calls: Calls, chance: Random, going: () => boolean): Promise<void> {
  while (going()) {
    const release = calls.hold();
    await pause(chance.int(...SLOW_MS));
    release();
    await pause(chance.int(...QUICK_MS));
  }
}

/** Does it while such a call is under way, if one comes soon. */
export async function during(calls: Calls, chance: Random, act: () => Promise<void>): Promise<void> {
  const release = calls.hold();
  try {
    const deadline = performance.now() + LONGEST_WAIT_MS;
    while (!calls.isUnderWay() && performance.now() < deadline) await pause(LOOK_AGAIN_MS);
    await pause(chance.int(...UNDER_WAY_MS));
    await act();
  } finally {
    release();
  }
}
