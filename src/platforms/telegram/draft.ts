import * as v from "valibot";
import type { Variables } from "../../env.ts";
import { Recent } from "../../lib/recent.ts";
import { int, parsed } from "../../lib/schema.ts";
import type { LiveResult, WebhookEvent } from "../platform.ts";
import { callApi } from "./api.ts";
import { LIVE_TIMEOUT_MS, MAX_REMEMBERED_CHATS } from "./limits.ts";
import type { Outgoing } from "./outgoing.ts";
import { waitAfter } from "./repeat.ts";
import type { Target, Update } from "./schema.ts";
import { ANSWER, sourceOf } from "./source.ts";

/** Chats in which the server shows no draft, for as long as the isolate lives. */
const refused = new Recent<number, true>(MAX_REMEMBERED_CHATS);

/** The user pressed the button below a streamed draft; private chats only, so the chat is the user. */
const Stopped = v.object({
  chat: v.object({ id: int }),
  message_thread_id: v.optional(int),
});

/**
 * Shows an answer while it is written as a draft, with a button that stops it: a preview, in whose place the answer
 * then comes as a message. Null where the server shows none. Never throws.
 * https://core.telegram.org/bots/api#sendmessagedraft
 */
async function show(
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

/** The stop button of a draft, as the message `/stop`; null where the update is of another shape. */
function stop(
  { update_id, stopped_message_generation }: Update,
  bot: number,
  now: number,
): WebhookEvent | null {
  const stopped = parsed(Stopped, stopped_message_generation);
  if (!stopped) return null;
  const { chat, message_thread_id } = stopped;
  const topic = message_thread_id ?? null;
  return {
    kind: "message",
    message: {
      delivery_id: `telegram:${bot}:${update_id}`,
      source: sourceOf("dm", chat.id, chat, topic),
      text: "/stop",
      address: {
        chat_id: chat.id,
        message_thread_id: topic,
        reply_to_message_id: null,
      } satisfies Target,
      received_at: now,
    },
    accepted: ANSWER,
    refused: ANSWER,
  };
}

/** Answers as drafts in private chats, while they are written. */
export const draft = { show, stop };
