import type { Kv } from "../../lib/ports.ts";
import { parsedJson } from "../../lib/schema.ts";
import { sessionKey } from "../../message/key.ts";
import type { InboundMessage } from "../../message/message.ts";
import type { PlatformName } from "../../message/platforms.ts";
import { homeKey, StoredHome } from "../../routing/home.ts";
import { hashOf } from "../../routing/match.ts";
import type { CompiledRoutes, JobRules } from "../../routing/types.ts";
import { REMIND } from "./limits.ts";
import { addressOf, type Place } from "./places.ts";

/** What the model is told before a reminder's text. */
const PREFACE =
  "[A reminder that the user set for now. Remind them of it; if it asks for something, answer that.]\n\n";

/** Platforms on which somebody can have a home, in the order in which it is looked for. */
const WITH_HOMES: readonly PlatformName[] = ["telegram", "discord"];

/**
 * The home chat: the first one that routes.yaml names, else one that `/sethome` chose; null where there is none.
 * @throws if KV does not answer
 */
export async function homeOf({ homes }: Pick<CompiledRoutes, "homes">, kv: Kv): Promise<Place | null> {
  for (const [name, chat] of Object.entries(homes)) {
    const via = WITH_HOMES.find((platform) => platform === name);
    if (via) return { via, chat };
  }
  for (const via of WITH_HOMES) {
    const stored = parsedJson(StoredHome, await kv.get(homeKey(via)));
    if (stored) return { via, chat: stored.chat_id, thread: stored.thread_id };
  }
  return null;
}

/** Where a job's answer goes; null for the log. */
export function placeOf(deliver: string, home: Place | null): Place | null {
  if (deliver === "home") return home;
  const [platform = "", chat = "", thread] = deliver.split(":");
  const via = [...WITH_HOMES, "hub" as const].find((name) => name === platform);
  return via ? { via, chat, thread } : null;
}

/** A due run of a job, as its session takes it. `due` and `now` in Unix milliseconds. */
export function runOf(
  { name, prompt, deliver, remember }: JobRules,
  due: number,
  home: Place | null,
  now: number,
): InboundMessage {
  const place = placeOf(deliver, home);
  return {
    // Its last 20 characters differ too: Discord's nonce is made of them.
    delivery_id: `${name}:${due}:${hashOf([name]).toString(36)}`,
    // Without somebody of its own, a run would look like one that follows up on the run before it.
    source: { platform: "cron", chat_type: "dm", chat_id: name, user_id: String(due) },
    text: prompt,
    literal: true,
    run: {
      via: place?.via ?? "cron",
      ...(remember && { remember }),
      ...(home && { home_via: home.via, home_chat: home.chat, home_thread: home.thread }),
    },
    address: (place && addressOf(place)) ?? { job: name },
    received_at: now,
  };
}

/** A reminder for the chat that a message came from; null where nobody can be written to first. */
export function reminderOf(
  { source, address }: InboundMessage,
  text: string,
  at: number,
): InboundMessage | null {
  const { platform: via, chat_type, chat_id, thread_id } = source;
  if (!chat_id || chat_type === "guest") return null;
  const place = addressOf({ via, chat: chat_id, thread: thread_id });
  if (!place) return null;
  // What Discord's delivery has to know of where the app is.
  const { dm, user_install_only } = address;
  const where = via === "discord" ? { dm: dm === true, user_install_only: user_install_only === true } : {};
  return {
    // The scheduler puts the reminder's number before it.
    delivery_id: `${at}`,
    source: {
      platform: "cron",
      chat_type: "dm",
      chat_id: `${REMIND}${sessionKey(source)}`,
      user_id: `${at}`,
    },
    text,
    preface: PREFACE,
    literal: true,
    run: { via, reminder: true },
    address: { ...place, ...where },
    received_at: at,
  };
}
