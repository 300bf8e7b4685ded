import * as v from "valibot";
import type { Variables } from "../../env.ts";
import { Recent } from "../../lib/recent.ts";
import type { LiveResult } from "../platform.ts";
import { callApi } from "./api.ts";
import { LIVE_TIMEOUT_MS, MAX_REMEMBERED_CHATS } from "./limits.ts";
import type { Outgoing } from "./outgoing.ts";
import { waitAfter } from "./repeat.ts";

/** Chats in which the server shows no draft, for as long as the isolate lives. */
const refused = new Recent<number, true>(MAX_REMEMBERED_CHATS);

/**
 * Shows an answer while it is written as a draft, with a button that stops it: a preview, in whose place the answer
 * then comes as a message. Null where the server shows none. Never throws.
 * https://core.telegram.org/bots/api#sendmessagedraft
 */
export async function showDraft(
  { target: { chat_id, message_thread_id }, text, entities }: Outgoing,
  draft_id: number,
  env: Variables,
): Promise<LiveResult | null> {
  if (refused.get(chat_id)) return null;
  const params = {
    chat_id,
    ...(message_thread_id !== null && { message_thread_id }),
    draft_id,
    text,
    ...(entities.length > 0 && { entities }),
    can_stop: true,
    // The message that says what was written so far follows at once: nothing flickers meanwhile.
    keep_on_stop: true,
  };
  const shown = await callApi(env, "sendMessageDraft", params, v.unknown(), LIVE_TIMEOUT_MS);
  if (shown.ok) return { kind: "shown", message_id: null };
  const wait = waitAfter(shown.error);
  if (!wait) refused.set(chat_id, true);
  return wait;
}
