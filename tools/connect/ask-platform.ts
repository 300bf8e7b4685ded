import * as prompts from "@clack/prompts";
import type { Result } from "../../src/lib/result.ts";
import { withoutSlash } from "../../src/lib/url.ts";
import { callHub, type Refusal } from "./api.ts";
import { findApplication } from "./discord.ts";
import { findAgent, findHub, Registered } from "./hub.ts";
import { answered, askSecret, type Trial } from "./prompt.ts";
import type { Values } from "./secrets.ts";
import { askBot } from "./telegram.ts";

const ASK: { readonly [Platform in "telegram" | "discord" | "hub"]: (known: Values) => Promise<Values> } = {
  async telegram(known) {
    const message = "Telegram: the bot's token (@BotFather, /newbot or /mybots)";
    const TELEGRAM_BOT_TOKEN = await askSecret(message, "Telegram", async (token) => {
      const me = await askBot({ ...known, TELEGRAM_BOT_TOKEN: token });
      return tried(me, ({ username }) => `It is @${username}'s.`);
    });
    return { TELEGRAM_BOT_TOKEN };
  },

  async discord(known) {
    const message =
      "Discord: the bot's token (https://discord.com/developers/applications, Bot, Reset Token)";
    const DISCORD_BOT_TOKEN = await askSecret(message, "Discord", async (token) => {
      const found = await findApplication({ ...known, DISCORD_BOT_TOKEN: token });
      return tried(found, ({ name }) => `It is of the application ${name}.`);
    });
    return { DISCORD_BOT_TOKEN };
  },

  async hub(known) {
    const ask = async (message: string, initialValue?: string) =>
      answered(
        await prompts.text({
          message,
          validate: (text) => (text?.trim() ? undefined : "It cannot be empty"),
          ...(initialValue !== undefined && { initialValue }),
        }),
      ).trim();
    const HUB_BASE_URL = withoutSlash(await ask("Hub: its address", known.HUB_BASE_URL));
    const HUB_AGENT_ID = await ask("Hub: the agent's id", known.HUB_AGENT_ID ?? "talaria");
    const named = { ...known, HUB_BASE_URL, HUB_AGENT_ID };
    const found = await findAgent(named);
    if (!found.ok && found.error.status === 404) {
      const message = `Hub knows no agent ${HUB_AGENT_ID}. Register it?`;
      if (answered(await prompts.confirm({ message }))) {
        return { HUB_BASE_URL, HUB_AGENT_ID, HUB_AGENT_SECRET: await register(named) };
      }
    }
    const HUB_AGENT_SECRET = await askSecret("Hub: the agent's secret", "Hub", async (secret) => {
      const found = await findHub({ ...named, HUB_AGENT_SECRET: secret });
      return tried(found, ({ agent }) => `It opens the inbox of ${agent}.`);
    });
    return { HUB_BASE_URL, HUB_AGENT_ID, HUB_AGENT_SECRET };
  },
};

/** Asks for what one platform needs, and tries it there. */
export const askPlatform = (name: keyof typeof ASK, known: Values): Promise<Values> => ASK[name](known);

/** What a platform's answer means for the secret that it was asked with. */
const tried = <Found>(found: Result<Found, Refusal>, text: (found: Found) => string): Trial =>
  found.ok ? { ok: true, text: text(found.value) } : { ok: false, ...found.error };

/** A new agent. @returns its secret, which Hub tells once */
async function register(values: Values): Promise<string> {
  const body = { agent_id: values.HUB_AGENT_ID };
  const made = await callHub(values, "/agents/register", Registered, { method: "POST", body });
  if (made.ok) return made.value.secret;
  throw new Error(`Hub did not register the agent (${made.error.detail}).`);
}
