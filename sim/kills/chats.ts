import { AGENT, type World } from "../../test/e2e/support/world.ts";
import { pause } from "../../tools/lib/wait.ts";
import type { Chance } from "../runtime/chance.ts";
import { type ChatName, question, type Said } from "./evidence.ts";

/** The least and the most, both included. */
export type Range = readonly [from: number, to: number];

/** As a person writes; and a pause so long that only its alarm can bring a killed session back. */
const PAUSE_MS: Range = [200, 3_000];
const LONG_PAUSE_MS: Range = [6_000, 15_000];
const LONG_PAUSES = 0.25;
const STEP_MS = 50;
/** Telegram delivers again after this. */
const REDELIVER_MS = 200;

const PEOPLE = [4201, 4202, 4203, 4204];
const CHANNELS = ["901", "902", "903"];
export const PEERS = ["argus", "hermes", "iris"];

/** What the chats need. */
export interface Stage {
  readonly world: World;
  readonly chance: Chance;
  /** Whether messages are still to be said. */
  going(): boolean;
  /** Whether something is said once more then. */
  readonly last_words: boolean;
  /** Whether a kill fell into the time since then, or the gateway is not back from one. */
  killedSince(at: number): boolean;
  readonly said: Said[];
  /** Told what went wrong without a kill. */
  object(what: string): void;
}

/** Says messages in every chat until there is nothing more to say and all that must be taken is. */
export async function talk(stage: Stage): Promise<void> {
  await Promise.all([
    ...PEOPLE.map((id) => talkIn(`telegram:${id}`, stage, onTelegram(id, stage))),
    ...CHANNELS.map((id) => talkIn(`discord:${id}`, stage, onDiscord(id, stage))),
    ...PEERS.map((name) => talkIn(`hub:${name}`, stage, onHub(name, stage))),
  ]);
}

type Say = (n: number) => Promise<Said>;

async function talkIn(chat: ChatName, stage: Stage, say: Say): Promise<void> {
  const chance = stage.chance.stream(chat);
  while (stage.going()) {
    const pause_ms = chance.int(...(chance.chance(LONG_PAUSES) ? LONG_PAUSE_MS : PAUSE_MS));
    const until = performance.now() + pause_ms;
    while (stage.going() && performance.now() < until) await pause(STEP_MS);
    if (stage.going()) await say(stage.said.length + 1);
  }
  if (stage.last_words) await say(stage.said.length + 1);
}

/** Telegram gives a chat's update again until it is answered 200, and only then the next one. */
function onTelegram(id: number, stage: Stage): Say {
  const { telegram, gateway } = stage.world;
  return async (n) => {
    const update = telegram.updates.direct({ id }, question(n));
    const said: Said = { n, chat: `telegram:${id}`, at: performance.now(), accepted_at: null };
    stage.said.push(said);
    const deliver = () => telegram.deliver(gateway.url, update);
    while ((await statusOf(stage, `update ${n}`, deliver)) !== 200) await pause(REDELIVER_MS);
    said.accepted_at = performance.now();
    return said;
  };
}

/** Discord posts an interaction once. */
function onDiscord(channel_id: string, stage: Stage): Say {
  const { discord, gateway } = stage.world;
  const where = { user_id: "77", channel_id, guild_id: "800" };
  return async (n) => {
    const interaction = discord.interactions.command(where, "ask", { prompt: question(n) });
    const { token } = interaction;
    const said: Said = { n, chat: `discord:${channel_id}`, at: performance.now(), accepted_at: null, token };
    stage.said.push(said);
    const interact = () => discord.interact(gateway.url, interaction);
    if ((await statusOf(stage, `interaction ${n}`, interact)) === 200) said.accepted_at = performance.now();
    return said;
  };
}

/** Hub keeps a message in the inbox, whatever becomes of its callback. */
function onHub(from: string, stage: Stage): Say {
  const { hub } = stage.world;
  return async (n) => {
    const said: Said = { n, chat: `hub:${from}`, at: performance.now(), accepted_at: null };
    stage.said.push(said);
    const { status } = await hub.send({ from, to: AGENT, message: question(n) });
    if (status === 200) said.accepted_at = performance.now();
    else stage.object(`Hub answered ${status} for message ${n}`);
    return said;
  };
}

/** The status of a call of the gateway; null where there was none. Only a kill excuses any but 200. */
async function statusOf(
  { killedSince, object }: Stage,
  what: string,
  call: () => Promise<{ readonly status: number }>,
): Promise<number | null> {
  const at = performance.now();
  try {
    const { status } = await call();
    if (status !== 200 && !killedSince(at)) object(`${what} was answered ${status}, and nothing was killed`);
    return status;
  } catch (error) {
    if (!killedSince(at)) object(`${what} failed, and nothing was killed: ${String(error)}`);
    return null;
  }
}
