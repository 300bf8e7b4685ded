import * as prompts from "@clack/prompts";
import { withoutSlash } from "../../src/lib/url.ts";
import { callHub, callTelegram } from "./api.ts";
import { findApplication } from "./discord.ts";
import { findAgent, findHub, Registered } from "./hub.ts";
import { answered, askSecret } from "./prompt.ts";
import type { Values } from "./secrets.ts";
import { BotUser } from "./telegram.ts";

const ASK: { readonly [Platform in "telegram" | "discord" | "hub"]: (known: Values) => Promise<Values> } = {
  async telegram(known) {
    const message = "Telegram: the bot's token (@BotFather, /newbot or /mybots)";
    const TELEGRAM_BOT_TOKEN = await askSecret(message, async (token) => {
      const me = await callTelegram({ ...known, TELEGRAM_BOT_TOKEN: token }, "getMe", {}, BotUser);
      if (me.ok) return `It is @${me.value.username}'s.`;
      throw new Error(`Telegram does not take it (${me.error.detail}).`);
    });
    return { TELEGRAM_BOT_TOKEN };
  },

  async discord(known) {
    const message =
      "Discord: the bot's token (https://discord.com/developers/applications, Bot, Reset Token)";
    const DISCORD_BOT_TOKEN = await askSecret(message, async (token) => {
      const found = await findApplication({ ...known, DISCORD_BOT_TOKEN: token });
      if (found.ok) return `It is of the application ${found.value.name}.`;
      throw new Error(`Discord does not take it (${found.error.detail}).`);
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
    const HUB_AGENT_SECRET = await askSecret("Hub: the agent's secret", async (secret) => {
      const found = await findHub({ ...named, HUB_AGENT_SECRET: secret });
      if (found.ok) return `It opens the inbox of ${HUB_AGENT_ID}.`;
      throw new Error(`Hub does not take it (${found.error.detail}).`);
    });
    return { HUB_BASE_URL, HUB_AGENT_ID, HUB_AGENT_SECRET };
  },
};

/** Asks for what one platform needs, and tries it there. */
export const askPlatform = (name: keyof typeof ASK, known: Values): Promise<Values> => ASK[name](known);

/** A new agent. @returns its secret, which Hub tells once */
async function register(values: Values): Promise<string> {
  const body = { agent_id: values.HUB_AGENT_ID };
  const made = await callHub(values, "/agents/register", Registered, { method: "POST", body });
  if (made.ok) return made.value.secret;
  throw new Error(`Hub did not register the agent (${made.error.detail}).`);
}
