import type { Variables } from "../../env.ts";
import { log } from "../../lib/log.ts";
import { botId, callApi } from "./api.ts";
import { GET_ME_TIMEOUT_MS } from "./limits.ts";
import { Me } from "./schema.ts";

/** User names by bot id. Values only: a promise must not be shared between requests in a Worker. */
const known = new Map<number, string>();

/**
 * The bot's user name in lower case, asked of Telegram once per isolate; null, with a log line, if Telegram
 * does not say.
 */
export async function botUsername(env: Variables): Promise<string | null> {
  const id = botId(env);
  const cached = known.get(id);
  if (cached !== undefined) return cached;
  const ask = () => callApi(env, "getMe", {}, Me, GET_ME_TIMEOUT_MS);
  const first = await ask();
  // Without the name a message that mentions the bot is ignored, so one lost connection is tried again.
  const me = first.ok ? first : await ask();
  if (!me.ok) {
    log("warn", "telegram_get_me_failed", { reason: me.error.reason, detail: me.error.detail });
    return null;
  }
  const username = me.value.username.toLowerCase();
  known.set(id, username);
  return username;
}
