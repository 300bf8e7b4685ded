import { PLATFORM_FACTS } from "../../message/platforms.ts";
import type { Platform } from "../platform.ts";
import { delivery } from "./delivery.ts";
import { webhook } from "./webhook.ts";

/** Discord, by its HTTP interactions: slash commands and message commands, no gateway connection. */
export const discord: Platform = {
  name: "discord",
  secrets: PLATFORM_FACTS.discord.secrets,
  webhook,
  delivery,
};
