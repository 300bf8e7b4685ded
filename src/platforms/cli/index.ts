import { PLATFORM_FACTS } from "../../message/platforms.ts";
import type { Platform } from "../platform.ts";
import { delivery } from "./delivery.ts";
import { webhook } from "./webhook.ts";

/** The operator's terminal: a message is posted, and its answer followed. What is said and read: docs/chat.md. */
export const cli: Platform = {
  name: "cli",
  secrets: PLATFORM_FACTS.cli.secrets,
  webhook,
  delivery,
};
