import { type DiscordDouble, startDiscord } from "../../../tools/doubles/discord.ts";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";
import { startTelegram, type TelegramDouble } from "../../../tools/doubles/telegram.ts";
import { type InferenceDouble, startInference } from "../../support/inference.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import type { Worker } from "./worker.ts";

/** The gateway's name on Hub. */
export const AGENT = "talaria";
export const ADMIN_TOKEN = "admin-token-of-this-test";

/** A gateway with everything it speaks to, all of it real HTTP on 127.0.0.1. */
export interface World {
  readonly telegram: TelegramDouble;
  readonly discord: DiscordDouble;
  readonly hub: HubDouble;
  /** Inference endpoints by name; each base URL is told from the others by its port. */
  readonly endpoints: Readonly<Record<string, InferenceDouble>>;
  readonly gateway: Gateway;
  /** The secrets and variables that the gateway was started with. */
  readonly env: Readonly<Record<string, string>>;
  endpoint(name: string): InferenceDouble;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Names of the inference endpoints. */
  readonly endpoints: readonly string[];
  /** The routes file; `url` gives an endpoint's base URL. */
  routes(url: (endpoint: string) => string): string;
  /** Secrets beside those of the platforms. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the gateway is made of; default: the test run's Worker. */
  readonly worker?: Worker;
}

/** Starts the doubles, then a gateway that knows them. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const [telegram, discord, hub, started] = await Promise.all([
    startTelegram(),
    startDiscord(),
    startHub(),
    Promise.all(options.endpoints.map(async (name) => [name, await startInference()] as const)),
  ]);
  const endpoints = Object.fromEntries(started);
  const endpoint = (name: string) => {
    const found = endpoints[name];
    if (found === undefined) throw new Error(`no endpoint ${name}`);
    return found;
  };
  const doubles = [telegram, discord, hub, ...Object.values(endpoints)];
  const stopDoubles = () => Promise.all(doubles.map((double) => double.stop()));

  const env = { ...telegram.env, ...discord.env, ...(await joinHub(hub)), ADMIN_TOKEN, ...options.env };
  try {
    const gateway = await startGateway(
      { routes: options.routes((name) => endpoint(name).url), env },
      options.worker,
    );
    await setCallback(hub, env, `${gateway.url}/webhooks/hub`);
    return {
      telegram,
      discord,
      hub,
      endpoints,
      gateway,
      env,
      endpoint,
      async stop() {
        await gateway.stop();
        await stopDoubles();
      },
    };
  } catch (error) {
    await stopDoubles();
    throw error;
  }
}

async function joinHub(hub: HubDouble) {
  await hub.register(AGENT);
  return hub.env(AGENT);
}

/** Hub learns the callback URL as it does in life, by PATCH, and probes it. */
export async function setCallback(
  hub: HubDouble,
  env: Readonly<Record<string, string>>,
  callback_url: string,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${hub.url}/agents/${AGENT}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ secret: env.HUB_AGENT_SECRET, callback_url }),
  });
  return (await response.json()) as Record<string, unknown>;
}
