import * as v from "valibot";
import type { Variables } from "../../env.ts";
import { log } from "../../lib/log.ts";
import type { Source } from "../../message/source.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import type { WebhookEvent } from "../platform.ts";
import { readPress } from "../press.ts";
import { callApi } from "./api.ts";
import { ANSWER_PRESS_TIMEOUT_MS } from "./limits.ts";
import type { CallbackQuery, Target } from "./schema.ts";

/** Telegram reads no more of the answer than its status. */
const ANSWER = { ok: true };

/** A pressed button, and where: what `webhook.ts` worked out of its update. */
interface Pressed {
  readonly query: CallbackQuery;
  readonly source: Source;
  readonly delivery_id: string;
  readonly sequence: number;
  /** The answer takes the place of the message that holds the button. */
  readonly target: Target;
}

/**
 * A press as the command that its button holds. Until it is answered the button shows that it waits, so that is
 * done at once: https://core.telegram.org/bots/api#callbackquery
 */
export function pressed(
  { query, source, delivery_id, sequence, target }: Pressed,
  routes: CompiledRoutes,
  now: number,
): WebhookEvent {
  const press = readPress(query.data ?? "", source, routes);
  if (!press.ok) return { kind: "background", work: (env) => answer(query, env, press.error) };
  return {
    kind: "message",
    message: { delivery_id, sequence, source, text: press.value, address: target, received_at: now },
    accepted: ANSWER,
    refused: ANSWER,
    meanwhile: (env) => answer(query, env),
  };
}

async function answer({ id }: CallbackQuery, env: Variables, text?: string): Promise<void> {
  const params = { callback_query_id: id, ...(text !== undefined && { text, show_alert: true }) };
  const done = await callApi(env, "answerCallbackQuery", params, v.unknown(), ANSWER_PRESS_TIMEOUT_MS);
  if (!done.ok) {
    log("warn", "telegram_press_unanswered", { reason: done.error.reason, detail: done.error.detail });
  }
}
