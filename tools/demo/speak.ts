import { waitFor } from "../lib/wait.ts";
import type { LogLine } from "../lib/worker-log.ts";
import { type Cast, HUB_AGENT, HUB_PEER } from "./cast.ts";
import { describeTurn, dim, green, red } from "./show.ts";

/** A running gateway among the doubles. */
export interface Stage {
  readonly url: string;
  /** The gateway's log, as it grows. */
  readonly logs: readonly LogLine[];
  readonly cast: Cast;
  /** The compiled routes, a module. */
  readonly routes: string;
  say(text?: string): void;
}

/** One message, as a platform sends it. */
export interface Scene {
  readonly platform: string;
  readonly text: string;
  /** Sends it; resolves with the HTTP status of the webhook. */
  send(): Promise<number>;
  /** What stands in the chat by then that was not there before; undefined while nothing does. */
  answer(): string | undefined;
}

const ANSWER_TIMEOUT_MS = 10_000;

/** Sends a message through the gateway, and says which route and model it got, and the answer as `show` has it. */
export async function play(
  { logs, say }: Stage,
  scene: Scene,
  show: (text: string) => string,
): Promise<void> {
  const before = logs.length;
  const status = await scene.send();
  if (status !== 200) {
    say(red(`   the webhook answered ${status}`));
    return;
  }
  // A command is answered without a turn.
  const isCommand = scene.text.startsWith("/");
  const outcome = await waitFor(
    isCommand ? "answer" : "turn in the gateway's log",
    () =>
      logs.slice(before).find((line) => isTurn(line, scene) || isRefusal(line, scene)) ??
      (isCommand && scene.answer()),
    ANSWER_TIMEOUT_MS,
  );
  if (typeof outcome === "string") {
    say(show(outcome));
    return;
  }
  if (outcome.event !== "turn") {
    say(`   ${green("not answered")} ${dim(`(${String(outcome.reason)})`)}`);
    return;
  }
  say(`   ${describeTurn(outcome)}`);
  say(show(await waitFor("answer", scene.answer, ANSWER_TIMEOUT_MS)));
}

function isTurn({ event, platform }: LogLine, scene: Scene): boolean {
  return event === "turn" && platform === scene.platform;
}

/** Access does not let this kind of source in: with `strangers: ignore`, say. */
function isRefusal({ event, platform }: LogLine, scene: Scene): boolean {
  return (
    (event === "refused" && platform === scene.platform) ||
    (event === "hub_entry_refused" && scene.platform === "hub")
  );
}

export function telegramScene({ url, cast: { telegram } }: Stage, id: number, text: string): Scene {
  const before = telegram.messagesTo(id).length;
  return {
    platform: "telegram",
    text,
    send: async () => (await telegram.deliver(url, telegram.updates.direct({ id }, text))).status,
    answer: () => telegram.messagesTo(id)[before]?.text,
  };
}

export function discordScene({ url, cast: { discord } }: Stage, text: string): Scene {
  const where = {
    user_id: "81384788765712384",
    channel_id: "290926798999357250",
    guild_id: "290926798626357260",
  };
  const interaction = discord.interactions.command(where, "ask", { prompt: text });
  return {
    platform: "discord",
    text,
    send: async () => (await discord.interact(url, interaction)).status,
    answer: () => discord.messagesUnder(interaction)[0]?.content,
  };
}

export function hubScene({ cast: { hub } }: Stage, text: string): Scene {
  const before = hub.sentBy(HUB_AGENT).length;
  return {
    platform: "hub",
    text,
    send: async () => (await hub.send({ from: HUB_PEER, to: HUB_AGENT, message: text })).status,
    answer: () => hub.sentBy(HUB_AGENT)[before]?.message?.toString(),
  };
}
