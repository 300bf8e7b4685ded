import * as v from "valibot";
import { parts } from "#parts";
import { parsed } from "../../lib/schema.ts";
import type { LiveDelivery, LiveResult } from "../platform.ts";
import { callApi } from "./api.ts";
import { renderTelegram } from "./entities/render.ts";
import { LIVE_GROUP_PAUSE_MS, LIVE_PAUSE_MS, LIVE_TIMEOUT_MS } from "./limits.ts";
import { editOf, messageOf } from "./outgoing.ts";
import { Sent, Target } from "./schema.ts";

/**
 * Shows an answer while it is written: a message of its own, which is then edited. What does not fit into one
 * message is not shown before the end.
 */
export const live: LiveDelivery = {
  pause_ms: ({ chat_id, guest }) => (Number(chat_id) < 0 || guest ? LIVE_GROUP_PAUSE_MS : LIVE_PAUSE_MS),

  async open(address, env) {
    const target = parsed(Target, address);
    return target?.guest === undefined ? null : ((await parts.guest?.open(target.guest, env)) ?? null);
  },

  async show(text, address, message_id, env): Promise<LiveResult> {
    const target = parsed(Target, address);
    if (!target) return { kind: "failed", detail: "not an address of this platform" };
    const [first] = renderTelegram(text, true);
    if (!first) return { kind: "wait", detail: "no text yet" };
    const message = { target, ...first };
    if (target.guest !== undefined)
      return (await parts.guest?.show(message, message_id, env)) ?? { kind: "failed", detail: "no guests" };
    // Refused in the middle of an answer or before it: it goes on as a message.
    const isDraft = target.draft !== undefined && message_id === null;
    const drafted = isDraft ? await parts.draft?.show(message, target.draft ?? 0, env) : null;
    if (drafted) return drafted;
    const shown =
      message_id === null
        ? await callApi(env, "sendMessage", messageOf(message, 0), Sent, LIVE_TIMEOUT_MS)
        : await callApi(env, "editMessageText", editOf(message, message_id), v.unknown(), LIVE_TIMEOUT_MS);
    if (shown.ok) {
      const made = message_id === null ? parsed(Sent, shown.value) : null;
      return { kind: "shown", message_id: made ? String(made.message_id) : message_id };
    }
    const { reason, detail } = shown.error;
    if (reason === "not_modified") return { kind: "shown", message_id };
    if (reason === "flood") return { kind: "wait", after_ms: shown.error.retry_after_ms, detail };
    // An edit that fails in passing is made good by the next one; a message that may be there is not sent again.
    const passes = reason === "unavailable" || (message_id !== null && reason !== "refused");
    return { kind: passes ? "wait" : "failed", detail: `${reason}: ${detail}` };
  },
};
