import { variable } from "../../src/env.ts";
import { PLATFORM_FACTS } from "../../src/message/platforms.ts";
import { apiBase } from "../../src/platforms/discord/api.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { isLoopback } from "./address.ts";
import type { Refusal } from "./api.ts";
import { findDiscord, planDiscord, planDiscordByHand, unplanDiscord } from "./discord.ts";
import { findHub, planHub, unplanHub } from "./hub.ts";
import { type Access, telegramMenus } from "./menus.ts";
import { type Plan, unreadable } from "./plan.ts";
import type { Values } from "./secrets.ts";
import { findTelegram, planTelegram, telegramApi, unplanTelegram } from "./telegram.ts";

/** For whom something is registered. */
export interface Registered {
  readonly values: Values;
  /** The gateway's address. */
  readonly gateway: string;
  readonly compiled: Access;
}

/** What each platform is found to be, against what this gateway needs. */
export interface Wanted extends Registered {
  readonly compiled: CompiledRoutes;
  /** Whether TELEGRAM_WEBHOOK_SECRET was made in this run. */
  readonly is_new_secret: boolean;
}

/** The platforms that a gateway is registered with. */
export const PLATFORMS = ["telegram", "discord", "hub"] as const;
type Name = (typeof PLATFORMS)[number];
type Looks<Of> = { readonly [Platform in Name]: (wanted: Of) => Promise<Plan> };

/** What to do where a platform cannot be asked. */
export const CURES: { readonly [Platform in Name]: string } = {
  telegram: "take the token from @BotFather (/mybots, API Token), and set TELEGRAM_BOT_TOKEN",
  discord: "take the token from https://discord.com/developers/applications (Bot), and set DISCORD_BOT_TOKEN",
  hub: "set HUB_BASE_URL, HUB_AGENT_ID and HUB_AGENT_SECRET as the agent was registered",
};

/** Says of each platform that has a secret what is to be done to connect it. */
export const planPlatforms = (wanted: Wanted): Promise<Plan[]> =>
  look(wanted, {
    async telegram({ values, gateway, compiled, is_new_secret }) {
      const menus = telegramMenus(compiled);
      const state = await findTelegram(
        values,
        menus.map(({ scope }) => scope),
      );
      if (!state.ok) return unasked("telegram", state.error);
      const secret = values.TELEGRAM_WEBHOOK_SECRET ?? "";
      const { groups } = compiled;
      const wish = { gateway, api: telegramApi(values), secret, is_new_secret, menus, groups };
      return planTelegram(state.value, wish);
    },
    async discord({ values, gateway, compiled }) {
      if (values.DISCORD_BOT_TOKEN === undefined) {
        return planDiscordByHand(gateway, values.DISCORD_APPLICATION_ID ?? "");
      }
      const state = await findDiscord(values);
      return state.ok ? planDiscord(state.value, gateway, values, compiled) : unasked("discord", state.error);
    },
    async hub({ values, gateway }) {
      const state = await findHub(values);
      return state.ok ? planHub(state.value, gateway, values) : unasked("hub", state.error);
    },
  });

/** Says of each platform that has a secret what is to be taken back. */
export const unplanPlatforms = (wanted: Registered): Promise<Plan[]> =>
  look(wanted, {
    async telegram({ values, gateway, compiled }) {
      const scopes = telegramMenus(compiled).map(({ scope }) => scope);
      const state = await findTelegram(values, scopes);
      return state.ok ? unplanTelegram(state.value, gateway) : unasked("telegram", state.error);
    },
    async discord({ values, gateway }) {
      if (values.DISCORD_BOT_TOKEN === undefined) return { notes: [], steps: [] };
      const state = await findDiscord(values);
      return state.ok ? unplanDiscord(state.value, gateway) : unasked("discord", state.error);
    },
    async hub({ values, gateway }) {
      const state = await findHub(values);
      return state.ok ? unplanHub(state.value, gateway, values) : unasked("hub", state.error);
    },
  });

async function look<Of extends Registered>(wanted: Of, looks: Looks<Of>): Promise<Plan[]> {
  return Promise.all(
    PLATFORMS.flatMap((name) => (isMeant(name, wanted.values) ? [one(name, wanted, looks)] : [])),
  );
}

/** One platform, unless it lacks a secret: then each that is missing is an error of its own. */
async function one<Of extends Registered>(name: Name, wanted: Of, looks: Looks<Of>): Promise<Plan> {
  const missing = missingOf(name, wanted.values);
  if (missing.length === 0) return looks[name](wanted);
  const about = PLATFORM_FACTS[name].title;
  return {
    notes: missing.map((secret) => ({
      about,
      level: "error",
      text: `${secret} is not set`,
      todo: CURES[name],
    })),
    steps: [],
  };
}

/** Names of a platform that somebody has set; what is made by itself does not count. */
const MEANT_BY: { readonly [Platform in Name]: readonly string[] } = {
  telegram: ["TELEGRAM_BOT_TOKEN"],
  discord: ["DISCORD_BOT_TOKEN", "DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY"],
  hub: PLATFORM_FACTS.hub.secrets,
};

/** Whether somebody has begun to set a platform up. */
export const isMeant = (name: Name, values: Values): boolean =>
  MEANT_BY[name].some((secret) => variable(values, secret) !== undefined);

/** Whether every platform that is meant is played on this machine. */
export function allHere(values: Values): boolean {
  const bases = {
    telegram: telegramApi(values),
    discord: apiBase(values),
    hub: values.HUB_BASE_URL ?? "",
  };
  return PLATFORMS.filter((name) => isMeant(name, values)).every((name) => isLoopback(bases[name]));
}

const missingOf = (name: Name, values: Values): string[] =>
  PLATFORM_FACTS[name].secrets.filter((secret) => variable(values, secret) === undefined);

function unasked(name: Name, { detail, refused }: Refusal): Plan {
  const { title } = PLATFORM_FACTS[name];
  return refused
    ? unreadable(title, `it refuses what is set (${detail})`, CURES[name])
    : unreadable(title, `it cannot be asked (${detail})`, "try again; is there a network?");
}
