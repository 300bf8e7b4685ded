import { PLATFORM_FACTS } from "../../message/platforms.ts";
import type { Platform } from "../platform.ts";
import { delivery } from "./delivery.ts";
import { webhook } from "./webhook.ts";

/** Telegram, through the Bot API: webhook in, sendMessage out. */
export const telegram: Platform = {
  name: "telegram",
  secrets: PLATFORM_FACTS.telegram.secrets,
  webhook,
  delivery,
};
