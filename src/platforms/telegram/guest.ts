import * as v from "valibot";
import type { Variables } from "../../env.ts";
import { log } from "../../lib/log.ts";
import type { Result } from "../../lib/result.ts";
import type { Chunk, LiveResult, SendResult } from "../platform.ts";
import { type ApiFailure, callApi } from "./api.ts";
import { type Content, readContent } from "./entities/content.ts";
import { markdownOf, renderTelegram } from "./entities/render.ts";
import { LIVE_TIMEOUT_MS, MESSAGE_UNITS, SEND_TIMEOUT_MS } from "./limits.ts";
import { repeatOrFail, waitAfter } from "./repeat.ts";

/** Stands there until there is some text. */
const NOTHING: Content = { text: "…", entities: [] };
/** Ends an answer that is longer than the one message that a guest may say. */
const CUT_NOTE = "\n\n(The rest does not fit here. In our own chat there is room for it.)";

const SentGuestMessage = v.object({ inline_message_id: v.string() });

/**
 * Guest mode: the bot is asked in a chat that it is no member of, and may answer each query once, soon; what it said
 * then can be edited. https://core.telegram.org/bots/api#answerguestquery
 */
export const guest = {
  /** Answers a query before there is an answer: the id of the message in which that grows; null where it failed. */
  async open(query: string, env: Variables): Promise<string | null> {
    const opened = await answer(query, NOTHING, env, LIVE_TIMEOUT_MS);
    if (opened.ok) return opened.value.inline_message_id;
    const { reason, detail } = opened.error;
    log("warn", "telegram_guest_unanswered", { reason, detail });
    return null;
  },

  /** Shows an answer while it is written. */
  async show(message: Content, message_id: string | null, env: Variables): Promise<LiveResult> {
    if (message_id === null) return { kind: "failed", detail: "the query has no answer that could grow" };
    const shown = await edit(message_id, message, env, LIVE_TIMEOUT_MS);
    if (shown.ok || shown.error.reason === "not_modified") return { kind: "shown", message_id };
    const { reason, detail } = shown.error;
    return waitAfter(shown.error) ?? { kind: "failed", detail: `${reason}: ${detail}` };
  },

  /** Says an answer, in the message that it grew in, or as the answer to the query. */
  async send({ index, count, text, message_id }: Chunk, query: string, env: Variables): Promise<SendResult> {
    // The first one says that there is more.
    if (index > 0) return { kind: "sent", message_id: null };
    const written = readContent(text);
    const markdown = markdownOf(written);
    const [content = NOTHING, ...more] = markdown ? renderTelegram(markdown, false, false) : [written];
    const message = count > 1 || more.length > 0 ? withNote(content) : content;
    if (message_id !== undefined) {
      const edited = await edit(message_id, message, env, SEND_TIMEOUT_MS);
      if (edited.ok || edited.error.reason === "not_modified") return { kind: "sent", message_id };
      return repeatOrFail("editMessageText", edited.error);
    }
    const sent = await answer(query, message, env, SEND_TIMEOUT_MS);
    if (sent.ok) return { kind: "sent", message_id: sent.value.inline_message_id };
    // A query takes one answer: a try too many is refused, and shows nothing twice.
    return repeatOrFail("answerGuestQuery", sent.error);
  },
};

/** The beginning of a message, and that there is more. */
function withNote({ text, entities }: Content): Content {
  const room = MESSAGE_UNITS - CUT_NOTE.length;
  const lineEnd = text.lastIndexOf("\n", room);
  const end = text.length <= room ? text.length : lineEnd > 0 ? lineEnd : room;
  const kept = entities.filter(({ offset }) => offset < end);
  return {
    text: text.slice(0, end).toWellFormed() + CUT_NOTE,
    entities: kept.map((entity) => ({ ...entity, length: Math.min(entity.length, end - entity.offset) })),
  };
}

function answer(query: string, { text, entities }: Content, env: Variables, timeout_ms: number) {
  const params = {
    guest_query_id: query,
    result: {
      type: "article",
      id: "answer",
      title: "Answer",
      input_message_content: {
        message_text: text,
        ...(entities.length > 0 && { entities }),
        link_preview_options: { is_disabled: true },
      },
    },
  };
  return callApi(env, "answerGuestQuery", params, SentGuestMessage, timeout_ms);
}

function edit(
  inline_message_id: string,
  { text, entities }: Content,
  env: Variables,
  timeout_ms: number,
): Promise<Result<unknown, ApiFailure>> {
  const params = {
    inline_message_id,
    text,
    ...(entities.length > 0 && { entities }),
    link_preview_options: { is_disabled: true },
  };
  return callApi(env, "editMessageText", params, v.unknown(), timeout_ms);
}
