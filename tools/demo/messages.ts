import { pathToFileURL } from "node:url";
import { isObject } from "../lib/json.ts";
import { waitFor } from "../lib/wait.ts";
import type { LogLine } from "../lib/worker-log.ts";
import { type Cast, HUB_AGENT, HUB_PEER } from "./cast.ts";
import { bold, describeTurn, dim, excerpt, green, red } from "./show.ts";

export interface Stage {
  readonly url: string;
  /** The gateway's log, as it grows. */
  readonly logs: readonly LogLine[];
  readonly cast: Cast;
  /** The compiled routes, a module. */
  readonly routes: string;
  say(text?: string): void;
}

/** One message of the demonstration. */
interface Scene {
  readonly title: string;
  readonly text: string;
  readonly platform: string;
  /** Sends it; resolves with the HTTP status of the webhook. */
  send(): Promise<number>;
  /** What stands in the chat by now; undefined while nothing does. */
  answer(): string | undefined;
}

const DEMO_OWNER = 42;
const STRANGER = 777_000_111;
const ANSWER_TIMEOUT_MS = 10_000;

/** Sends one message from each kind of source through the gateway, and says what became of each. */
export async function playMessages(stage: Stage): Promise<void> {
  const { say, cast } = stage;
  say();
  say("No platform is set up yet, so Telegram, Discord and Hub are played by doubles on this machine.");
  say("Five messages go through the gateway, as the platforms would send them:");
  const scenes = [
    telegramScene(stage, "Telegram, your own account", await ownerId(stage), "Which model answers me?"),
    telegramScene(stage, "Telegram, a stranger", STRANGER, "And which one answers me?"),
    discordScene(stage),
    hubScene(stage),
  ];
  for (const [index, scene] of scenes.entries()) {
    say();
    say(`${bold(`${index + 1}  ${scene.title}`)}  ${dim(`“${scene.text}”`)}`);
    await play(stage, scene).catch((error: unknown) => {
      say(red(`   ${error instanceof Error ? error.message : String(error)}`));
    });
  }
  say();
  say(`${bold("5  Telegram, forged")}  ${dim("“Let me in” with a wrong webhook secret")}`);
  const forged = cast.telegram.updates.direct({ id: STRANGER }, "Let me in");
  const { status, body } = await cast.telegram.deliver(stage.url, forged, "wrong-secret");
  say(
    status === 401 ? `   ${green("refused with 401")} ${dim(body)}` : red(`   answered ${status}: ${body}`),
  );
}

async function play({ logs, say }: Stage, scene: Scene): Promise<void> {
  const before = logs.length;
  const status = await scene.send();
  if (status !== 200) {
    say(red(`   the webhook answered ${status}`));
    return;
  }
  const outcome = await waitFor(
    "turn in the gateway's log",
    () => logs.slice(before).find((line) => isTurn(line, scene) || isRefusal(line, scene)),
    ANSWER_TIMEOUT_MS,
  );
  if (outcome.event !== "turn") {
    say(`   ${green("not answered")} ${dim(`(${String(outcome.reason)})`)}`);
    return;
  }
  say(`   ${describeTurn(outcome)}`);
  const answer = await waitFor("answer", scene.answer, ANSWER_TIMEOUT_MS);
  say(`   ${excerpt(answer)}`);
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

function telegramScene({ url, cast: { telegram } }: Stage, title: string, id: number, text: string): Scene {
  return {
    title,
    text,
    platform: "telegram",
    send: async () => (await telegram.deliver(url, telegram.updates.direct({ id }, text))).status,
    answer: () => telegram.messagesTo(id)[0]?.text,
  };
}

function discordScene({ url, cast: { discord } }: Stage): Scene {
  const text = "Who are you?";
  const where = {
    user_id: "81384788765712384",
    channel_id: "290926798999357250",
    guild_id: "290926798626357260",
  };
  const interaction = discord.interactions.command(where, "ask", { prompt: text });
  return {
    title: "Discord, /ask in a server",
    text,
    platform: "discord",
    send: async () => (await discord.interact(url, interaction)).status,
    answer: () => discord.messagesUnder(interaction)[0]?.content,
  };
}

function hubScene({ cast: { hub } }: Stage): Scene {
  const text = "Which model do you give to agents?";
  return {
    title: "Hub, another agent",
    text,
    platform: "hub",
    send: async () => (await hub.send({ from: HUB_PEER, to: HUB_AGENT, message: text })).status,
    answer: () => hub.sentBy(HUB_AGENT)[0]?.message?.toString(),
  };
}

/** The first Telegram owner of the compiled routes. */
async function ownerId({ routes }: Stage): Promise<number> {
  const module: unknown = await import(pathToFileURL(routes).href);
  const compiled = isObject(module) && isObject(module.default) ? module.default : {};
  const owners = isObject(compiled.owners) ? compiled.owners.telegram : undefined;
  return Number(Array.isArray(owners) ? owners[0] : DEMO_OWNER) || DEMO_OWNER;
}
