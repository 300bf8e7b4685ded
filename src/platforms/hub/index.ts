import { PLATFORM_FACTS } from "../../message/platforms.ts";
import type { Platform } from "../platform.ts";
import { delivery } from "./delivery.ts";
import { inboxOf, webhook } from "./webhook.ts";

/** Hub: messages between agents, without signatures. What it does, endpoint by endpoint: docs/hub.md. */
export const hub: Platform = {
  name: "hub",
  secrets: PLATFORM_FACTS.hub.secrets,
  webhook,
  delivery,
  /** Finds what a lost callback left in the inbox. */
  sweep: async (env) => inboxOf(env).sweep(),
};
