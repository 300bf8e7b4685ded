import type { Worker } from "../../test/e2e/support/worker.ts";
import { startWorld, type World } from "../../test/e2e/support/world.ts";
import { type RawEndpoint, type Script, startRawEndpoint } from "../../test/support/raw-endpoint.ts";
import { type LocalServer, serve } from "../../tools/lib/serve.ts";
import { pause } from "../../tools/lib/wait.ts";
import { Chance, type Random } from "../runtime/chance.ts";
import { fatesOf } from "./answers.ts";
import { callsOf, during, slowDown } from "./calls.ts";
import { PEERS, type Range, type Stage, talk } from "./chats.ts";
import { type Ask, answer, asked, type Evidence, type Kill, type Said, shownIn } from "./evidence.ts";
import { type Judgement, judge } from "./judge.ts";

export interface KillsOptions {
  readonly kills: number;
  readonly seed: number;
  /** How long the runtime runs before each kill. */
  readonly alive_ms: Range;
  /** How long nothing more may happen before it is judged. */
  readonly still_ms: number;
  /** Share of the kills that wait for a call that shows something, and fall into it. */
  readonly aimed: number;
  /** Whether each chat says something after the last kill: nothing then waits for the alarm of a killed session. */
  readonly last_words?: true;
  /** Default: the test run's. */
  readonly worker?: Worker;
  /** Told after every kill. */
  onKill?(count: number): void;
}

/** How long the runtime stays away. */
const AWAY_MS: Range = [0, 800];
/** How late the model begins to answer, most times and sometimes. */
const THINKS_MS: Range = [20, 900];
const THINKS_LONG_MS: Range = [900, 3_000];
const THINKS_LONG = 0.2;
/** How long it writes, unless all of it comes at once; and in how many pieces. */
const WRITES_MS: Range = [400, 4_000];
const WRITES_AT_ONCE = 0.4;
const PIECES = 12;
/** Lines of an answer. Many of them are two messages on Telegram, three or four on Discord, and one on Hub. */
const ONE_LINE: Range = [1, 1];
const MANY_LINES: Range = [160, 220];
const LONG_ANSWERS = 0.25;
/** How late a peer's callback answers. */
const CALLBACK_MS: Range = [100, 800];
/** In life the cron trigger comes once a minute; it finds what a lost callback of Hub left. */
const SWEEP_MS = 4_000;
/** What has not come to an end after this is lost. Longer than the session's alarm and its retries take. */
const LOST_AFTER_MS = 90_000;
/** What goes on for so long without a kill has no end. */
const ENDLESS_AFTER_MS = 240_000;
const LOOK_AGAIN_MS = 200;

/**
 * Runs a gateway in workerd under load, kills its runtime with SIGKILL at random moments, starts it again on the same
 * storage, and judges what the platforms and the model saw.
 */
export async function runKills(options: KillsOptions): Promise<Judgement> {
  const { worker } = options;
  const chance = new Chance(options.seed);
  const model = await startRawEndpoint();
  const routes = () => `
model: { default: m, provider: custom, base_url: "${model.url}" }
access: { strangers: answer, hub_peers: answer }
`;
  let world: World | null = null;
  let callbacks: LocalServer | null = null;
  try {
    world = await startWorld({ endpoints: [], routes, ...(worker && { worker }) });
    callbacks = await registerPeers(world, chance.stream("callbacks"));
    return judge(await playOut(world, model, chance, options));
  } finally {
    await world?.stop();
    await callbacks?.close();
    await model.stop();
  }
}

/** Peers with a callback that answers late: Hub has stored a message long before its sender hears of it. */
async function registerPeers({ hub }: World, chance: Random): Promise<LocalServer> {
  const callbacks = await serve(async (_, response) => {
    await pause(chance.int(...CALLBACK_MS));
    response.end();
  });
  for (const peer of PEERS) await hub.register(peer, { callback_url: callbacks.url });
  return callbacks;
}

async function playOut(
  world: World,
  model: RawEndpoint,
  chance: Chance,
  { kills: count, alive_ms, still_ms, aimed, last_words, onKill }: KillsOptions,
): Promise<Evidence> {
  const said: Said[] = [];
  const asks: Ask[] = [];
  const kills: Kill[] = [];
  const odd: string[] = [];
  let talking = true;
  let playing = true;
  const stage: Stage = {
    world,
    chance,
    said,
    going: () => talking,
    last_words: last_words === true,
    killedSince: (at) => kills.some((kill) => kill.up_at >= at),
    object: (what) => odd.push(what),
  };
  model.script(answering(chance.stream("model"), asks, () => talking));
  const calls = callsOf(world);
  const isPlaying = () => playing;
  const background = Promise.all([
    ...calls.map((one) => slowDown(one, chance.stream(one.name), () => talking)),
    sweep(stage, isPlaying),
  ]);
  const talks = talk(stage);
  const moments = chance.stream("kills");
  for (let i = 1; i <= count; i++) {
    await pause(moments.int(...alive_ms));
    const act = () => kill(world, moments, kills);
    await (moments.chance(aimed) ? during(moments.pick(calls), moments, act) : act());
    onKill?.(i);
  }
  talking = false;
  await talks;
  const gather = (): Evidence => ({ said, asks, shown: shownIn(world, said), kills, odd });
  await settled(world, gather, still_ms);
  playing = false;
  await background;
  return gather();
}

/** The model: it thinks for a while, and then writes its answer. Without a kill to come it does so at once. */
function answering(chance: Random, asks: Ask[], takesTime: () => boolean): Script {
  return async ({ request, stream, closed }) => {
    // What peers' prompts begin with is the gateway's own.
    const said = request.messages.filter(({ role }) => role !== "system");
    const prompt = said.map(({ content }) => String(content));
    const n = asked(prompt.at(-1) ?? "") ?? 0;
    asks.push({ n, at: performance.now(), prompt });
    const attempt = asks.filter((ask) => ask.n === n).length;
    const text = answer(n, chance.int(...(chance.chance(LONG_ANSWERS) ? MANY_LINES : ONE_LINE)), attempt);
    const thinks_ms = chance.int(...(chance.chance(THINKS_LONG) ? THINKS_LONG_MS : THINKS_MS));
    const writes_ms = chance.chance(WRITES_AT_ONCE) ? 0 : chance.int(...WRITES_MS);
    let isThere = true;
    void closed.then(() => {
      isThere = false;
    });
    const wait = (ms: number) => pause(takesTime() ? ms : 0);
    await wait(thinks_ms);
    const answered = stream();
    const size = Math.ceil(text.length / (writes_ms === 0 ? 1 : PIECES));
    for (let from = 0; from < text.length && isThere; from += size) {
      if (from > 0) await wait(writes_ms / PIECES);
      answered.chunk({ content: text.slice(from, from + size) });
    }
    answered.chunk({}, "stop").event("[DONE]").end();
  };
}

async function kill({ gateway }: World, chance: Random, kills: Kill[]): Promise<void> {
  const from = performance.now();
  const one = { from, gone_at: Number.POSITIVE_INFINITY, up_at: Number.POSITIVE_INFINITY };
  kills.push(one);
  await gateway.kill();
  one.gone_at = performance.now();
  await pause(chance.int(...AWAY_MS));
  await gateway.restart();
  one.up_at = performance.now();
}

/** Runs the cron trigger while the gateway is there. */
async function sweep({ world, killedSince, object }: Stage, going: () => boolean): Promise<void> {
  for (let last = performance.now(); going(); await pause(100)) {
    if (performance.now() - last < SWEEP_MS || killedSince(performance.now())) continue;
    last = performance.now();
    try {
      await world.gateway.scheduled();
    } catch (error) {
      if (!killedSince(last)) object(`the cron trigger failed, and nothing was killed: ${String(error)}`);
    }
  }
}

/** Waits until nothing is lost and nothing has happened for a while, or so long that it will not be found. */
async function settled(
  { telegram, discord, hub }: World,
  gather: () => Evidence,
  still_ms: number,
): Promise<void> {
  let seen = "";
  let since = performance.now();
  const isSettled = () => {
    const evidence = gather();
    const posts = hub.requests.filter(({ method }) => method === "POST");
    const counts = [evidence.asks, evidence.shown, telegram.calls, discord.calls, posts];
    const now = counts.map(({ length }) => length).join();
    if (now !== seen) {
      seen = now;
      since = performance.now();
    }
    const isLost = fatesOf(evidence).some(({ kind }) => kind === "lost");
    return performance.now() - since > (isLost ? LOST_AFTER_MS : still_ms);
  };
  const deadline = performance.now() + ENDLESS_AFTER_MS;
  while (!isSettled() && performance.now() < deadline) await pause(LOOK_AGAIN_MS);
}
