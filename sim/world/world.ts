import type { Plan } from "../plan/plan.ts";
import type { Machine } from "../runtime/machine.ts";
import type { Outside, OutsideRequest, Reply } from "../runtime/outside.ts";
import { DiscordServer } from "./discord.ts";
import { HubServer } from "./hub.ts";
import { InferenceServer } from "./inference.ts";
import { PLACES } from "./places.ts";
import { DISCORD_APPLICATION, DISCORD_PUBLIC_KEY, TELEGRAM_SECRET } from "./posts.ts";
import { TelegramServer } from "./telegram.ts";
import { Traffic } from "./traffic.ts";

const HUB = { agent: "talaria", secret: "hub-agent-secret" };

/** The key of each inference endpoint. */
export const KEYS = {
  base: "key-of-base",
  owner: "key-of-owner",
  strong: "key-of-strong",
  spare: "key-of-spare",
};

/**
 * What the gateway's account is configured with. The bot is one of this run: modules remember bots by their id. Hub
 * is off where the plan has no peer, because each look at its inbox takes time.
 */
export const variablesOf = (run: string, { events }: Pick<Plan, "events">) => ({
  TELEGRAM_BOT_TOKEN: botToken(run),
  TELEGRAM_WEBHOOK_SECRET: TELEGRAM_SECRET,
  DISCORD_APPLICATION_ID: DISCORD_APPLICATION,
  DISCORD_PUBLIC_KEY,
  DISCORD_BOT_TOKEN: "discord-bot-token",
  ...(events.some((event) => "place" in event && isPeer(event.place)) && {
    HUB_BASE_URL: "https://hub.test/oc/brain",
    HUB_AGENT_ID: HUB.agent,
    HUB_AGENT_SECRET: HUB.secret,
  }),
  BASE_KEY: KEYS.base,
  OWNER_KEY: KEYS.owner,
  STRONG_KEY: KEYS.strong,
  SPARE_KEY: KEYS.spare,
});

const isPeer = (name: string): boolean =>
  PLACES.some((place) => place.name === name && place.platform === "hub");

const botToken = (run: string): string => `${run}:token-of-a-simulated-bot`;

/** Every server that the gateway can reach. */
export class World implements Outside {
  readonly traffic = new Traffic();
  readonly telegram: TelegramServer;
  readonly discord: DiscordServer;
  readonly hub: HubServer;
  readonly #inference: InferenceServer;
  readonly #machine: Machine;

  constructor(machine: Machine, run: string) {
    this.#machine = machine;
    this.telegram = new TelegramServer(machine, this.traffic, botToken(run));
    this.discord = new DiscordServer(machine, this.traffic);
    const peers = PLACES.filter(({ platform, answered }) => platform === "hub" && answered);
    this.hub = new HubServer(
      machine,
      this.traffic,
      HUB,
      peers.map(({ user }) => user),
    );
    this.#inference = new InferenceServer(machine, this.traffic, KEYS);
  }

  serve(request: OutsideRequest): Reply {
    const reply = this.#serverOf(request.url.host).serve(request);
    this.#machine.note(request.from, () => describe(request, reply));
    return reply;
  }

  #serverOf(host: string): Outside {
    if (host === "api.telegram.org") return this.telegram;
    if (host === "discord.com") return this.discord;
    if (host === "hub.test") return this.hub;
    if (host.endsWith(".llm.test")) return this.#inference;
    this.#machine.complain(`a request went to ${host}`);
    return { serve: () => ({ kind: "lost", after_ms: 1 }) };
  }
}

const MAX_SHOWN = 160;

function describe({ method, url, body }: OutsideRequest, reply: Reply): string {
  const text = body.length > MAX_SHOWN ? `${body.slice(0, MAX_SHOWN)}… (${body.length})` : body;
  return `→ ${method} ${url.host}${url.pathname} ${text} ⇒ ${outcome(reply)}`;
}

function outcome(reply: Reply): string {
  if (reply.kind === "answer")
    return `${reply.status} ${reply.body.slice(0, MAX_SHOWN)} in ${Math.round(reply.after_ms)} ms`;
  if (reply.kind !== "stream") return reply.kind;
  return `a stream of ${reply.pieces.length} in ${Math.round(reply.after_ms)} ms, ${reply.end}`;
}
