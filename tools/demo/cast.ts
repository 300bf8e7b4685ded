import { type DiscordDouble, startDiscord } from "../doubles/discord.ts";
import { type HubDouble, startHub } from "../doubles/hub.ts";
import { startTelegram, type TelegramDouble } from "../doubles/telegram.ts";

/** The platforms, played on this machine. */
export interface Cast {
  readonly telegram: TelegramDouble;
  readonly discord: DiscordDouble;
  readonly hub: HubDouble;
  /** The secrets and addresses with which a gateway speaks to them. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The gateway's name on Hub, and that of an agent that writes to it. */
export const HUB_AGENT = "talaria";
export const HUB_PEER = "argus";

/** Starts a double of each platform on a free port, with secrets of this run only, for a gateway at `url`. */
export async function startCast(url: string): Promise<Cast> {
  const [telegram, discord, hub] = await Promise.all([startTelegram(), startDiscord(), startHub()]);
  await hub.register(HUB_AGENT, { callback_url: `${url}/webhooks/hub` });
  await hub.register(HUB_PEER);
  return {
    telegram,
    discord,
    hub,
    env: { ...telegram.env, ...discord.env, ...hub.env(HUB_AGENT) },
    async stop() {
      await Promise.all([telegram.stop(), discord.stop(), hub.stop()]);
    },
  };
}
