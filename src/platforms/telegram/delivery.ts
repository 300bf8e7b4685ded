import type { Opts } from "@grammyjs/types";
import * as v from "valibot";
import { parts } from "#parts";
import type { Variables } from "../../env.ts";
import { log } from "../../lib/log.ts";
import { ok, type Result } from "../../lib/result.ts";
import { parsed } from "../../lib/schema.ts";
import { fileMarkdown } from "../../text/code-file.ts";
import type { Chunk, Delivery, SendResult } from "../platform.ts";
import { type ApiFailure, callApi } from "./api.ts";
import { chunkOf, readContent } from "./entities/content.ts";
import { markdownOf, renderTelegram } from "./entities/render.ts";
import { fetchAttachment } from "./files.ts";
import {
  GET_ME_TIMEOUT_MS,
  LATER_EMOJI,
  MAX_SENDS,
  NEXT_EMOJI,
  SEND_TIMEOUT_MS,
  TYPING_EVERY_MS,
  TYPING_TIMEOUT_MS,
} from "./limits.ts";
import { live } from "./live.ts";
import { editOf, messageOf, type Outgoing } from "./outgoing.ts";
import { repeatOrFail } from "./repeat.ts";
import { Sent, Target } from "./schema.ts";

/** A query of before routes.yaml was changed. */
const NO_GUESTS: SendResult = { kind: "failed", detail: "no guests" };

/**
 * Answers through sendMessage, with the Markdown turned into entities, so that nothing in a text can make
 * Telegram refuse to parse it; long code as a document. The first message of an answer in a group replies to the
 * question.
 */
export const delivery: Delivery = {
  split(text, plain) {
    const contents = renderTelegram(text, false, !plain);
    const isRich = !plain && parts.rich?.suits(text) && !contents.some(markdownOf);
    return (isRich ? [{ text: "", entities: [], rich: text }] : contents).map(chunkOf);
  },

  async send(chunk, address, _key, env): Promise<SendResult> {
    const stored = parsed(Target, address);
    if (!stored) return { kind: "failed", detail: "not an address of this platform" };
    if (stored.guest !== undefined) return (await parts.guest?.send(chunk, stored.guest, env)) ?? NO_GUESTS;
    const { keyboard } = chunk;
    const content = readContent(chunk.text);
    const rich = stored.rich && content.rich && parts.rich?.markdownFor(stored.chat_id, content.rich);
    const instead = markdownOf(content);
    if (content.rich && !rich) return { kind: "failed", detail: "no rich messages here", instead };
    let message: Outgoing = { target: stored, ...content, rich: rich || undefined, keyboard };
    let message_id = chunk.message_id ?? placeOf(chunk, stored);
    for (let sends = 1; ; sends++) {
      const sent = await say(message, chunk.index, message_id, env);
      const moved = message.target === stored ? {} : { address: message.target };
      if (sent.ok) return { kind: "sent", message_id: String(sent.value.message_id), ...moved };
      if (message_id !== undefined && sent.error.reason === "no_message") {
        // The user removed the message that the answer grew in, or whose button was pressed.
        message_id = undefined;
        continue;
      }
      const { reason, detail } = sent.error;
      if (instead && (reason === "refused" || reason === "bad_entities")) {
        if (rich && reason === "refused") parts.rich?.refusedIn(message.target.chat_id);
        return { kind: "failed", detail, instead };
      }
      const cured = sends < MAX_SENDS ? cure(sent.error, message) : null;
      if (!cured && message_id !== undefined) return repeatOrFail("editMessageText", sent.error);
      if (!cured) return outcome(sent.error, moved, await mayBeShown(sent.error, env));
      // The new supergroup knows no message of the old group's.
      if (sent.error.reason === "migrated") message_id = undefined;
      message = cured;
    }
  },

  fetchAttachment,
  live,

  working: {
    every_ms: TYPING_EVERY_MS,
    async show(address, env) {
      const target = parsed(Target, address);
      // A guest is no member: it can show nothing but its answer.
      if (!target || target.guest !== undefined) return;
      const { chat_id, message_thread_id } = target;
      const params: Opts<never>["sendChatAction"] = {
        chat_id,
        ...(message_thread_id === null ? {} : { message_thread_id }),
        action: "typing",
      };
      await hint("typing", "sendChatAction", params, env);
    },
  },

  async waits(ref, behind, address, env) {
    const emoji = behind === 1 ? NEXT_EMOJI : LATER_EMOJI;
    const params: Opts<never>["setMessageReaction"] = {
      chat_id: Number(address.chat_id),
      message_id: Number(ref),
      reaction: [{ type: "emoji", emoji }],
    };
    await hint("reaction", "setMessageReaction", params, env);
  },
};

/** Shows what nobody misses where it fails. */
async function hint(what: string, method: string, params: object, env: Variables): Promise<void> {
  const shown = await callApi(env, method, params, v.unknown(), TYPING_TIMEOUT_MS);
  if (shown.ok) return;
  const { reason, detail } = shown.error;
  log("warn", `telegram_${what}_failed`, { reason, detail });
}

/** The message whose button was pressed: the first one of the answer takes its place. */
function placeOf({ index }: Chunk, { edits }: Target): string | undefined {
  return index === 0 && edits !== undefined ? String(edits) : undefined;
}

/** Says a message: anew, or in place of the one that the answer grew in. */
async function say(
  message: Outgoing,
  index: number,
  message_id: string | undefined,
  env: Variables,
): Promise<Result<{ readonly message_id: number }, ApiFailure>> {
  const file = fileMarkdown(message.text);
  if (message_id === undefined) {
    const method = file ? "sendDocument" : message.rich === undefined ? "sendMessage" : "sendRichMessage";
    return callApi(env, method, messageOf(message, index), Sent, SEND_TIMEOUT_MS);
  }
  const params = editOf(message, message_id);
  const method = file ? "editMessageMedia" : "editMessageText";
  const edited = await callApi(env, method, params, v.unknown(), SEND_TIMEOUT_MS);
  const there = edited.ok || edited.error.reason === "not_modified";
  return there ? ok({ message_id: params.message_id ?? 0 }) : edited;
}

/** The message changed so that this failure does not come again; null where nothing helps. */
function cure(failure: ApiFailure, message: Outgoing): Outgoing | null {
  const { target } = message;
  if (failure.reason === "migrated") {
    // The new supergroup counts its messages anew: the old id would name another one.
    const { edits: _, ...place } = target;
    return { ...message, target: { ...place, chat_id: failure.chat_id, reply_to_message_id: null } };
  }
  if (failure.reason === "thread_not_found" && target.message_thread_id !== null) {
    return { ...message, target: { ...target, message_thread_id: null } };
  }
  if (failure.reason === "reply_not_found" && target.reply_to_message_id !== null) {
    return { ...message, target: { ...target, reply_to_message_id: null } };
  }
  if (failure.reason === "bad_entities" && message.entities.length > 0) {
    return { ...message, entities: [] };
  }
  return null;
}

/**
 * What follows from a failure that `cure` has nothing for. Telegram has no idempotency key: after a timeout or an
 * answer that cannot be read the message may be there, and a missing answer is better than one that comes twice. A
 * lost connection is retried all the same, because workerd reports a refused one, which is far more common, in the
 * same way; where the message may have been shown it is retried only once.
 */
function outcome(failure: ApiFailure, moved: { readonly address?: Target }, shown: boolean): SendResult {
  const result = repeatOrFail("sendMessage", failure);
  if (result.kind !== "retry") return result;
  const { reason } = failure;
  if (reason === "timeout" || reason === "unreadable") return { kind: "failed", detail: result.detail };
  return { ...result, ...(shown && { uncertain: true }), ...moved };
}

/**
 * Whether a message that got no proper answer may be in the chat all the same. A gateway in front of Telegram
 * may have passed it on; so may a connection that was lost, unless Telegram cannot be reached at all.
 */
async function mayBeShown({ reason }: ApiFailure, env: Variables): Promise<boolean> {
  if (reason === "gateway") return true;
  return reason === "unreachable" && (await callApi(env, "getMe", {}, v.unknown(), GET_ME_TIMEOUT_MS)).ok;
}
