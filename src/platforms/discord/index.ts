import type { Platform } from "../platform.ts";
import { delivery } from "./delivery.ts";
import { webhook } from "./webhook.ts";

/** Discord, by its HTTP interactions: slash commands and message commands, no gateway connection. */
export const discord: Platform = {
  name: "discord",
  secrets: ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY"],
  webhook,
  delivery,
};
