import { log } from "../lib/log.ts";
import { parsed, parsedJson } from "../lib/schema.ts";
import { movedKey, sessionKey } from "../message/key.ts";
import type { Source } from "../message/source.ts";
import { StoredOverride } from "../routing/override.ts";
import { SessionSettings } from "../routing/settings.ts";
import { backoff } from "./deliver.ts";
import type { SessionState } from "./state.ts";
import type { Exchange } from "./store/exchange.ts";
import { readMeta, writeMeta } from "./store/tables.ts";

const TRIES = 3;
/** Where `Scope` is kept. */
const SCOPE = "scope";

/** What makes a session's key ambiguous: in a group, a topic and a person may have the same number. */
export type Scope = "topic" | "person";

/** The scope of a message's session; null where its key leaves no doubt. */
export function scopeOf({ chat_type, thread_id, user_id }: Source): Scope | null {
  if (chat_type !== "group") return null;
  if (thread_id) return "topic";
  return user_id ? "person" : null;
}

/**
 * Notes the scope of a group's session; true where it was another one, somebody else's by the same key: what they said
 * and chose is not this one's, and is forgotten, but for the override. @throws if the storage fails
 */
export function isOfAnother(
  { sql, history, settings, memory }: SessionState,
  { seq, message }: Exchange,
): boolean {
  const scope = scopeOf(message.source);
  if (scope === null) return false;
  const known = readMeta(sql, SCOPE);
  if (known !== scope) writeMeta(sql, SCOPE, scope);
  if (known === null || known === scope) return false;
  history.clear(seq - 1);
  settings.set({});
  memory?.clear();
  return true;
}

/**
 * Takes over the conversation of a new session's chat under its old id, and what is chosen for it, if it has moved (a
 * Telegram group that became a supergroup has a new id). May be done again: the conversation comes last. Logs what
 * fails; a turn must not wait for long.
 */
export async function adopt(state: SessionState, source: Source): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      await takeOver(state, source);
      return;
    } catch (error) {
      log("warn", "not_adopted", { session: state.name, tries, detail: String(error) });
      await state.clock.sleep(backoff(tries));
    }
  }
}

async function takeOver(
  { kv, history, override, settings, memory, conversationOf, settingsOf }: SessionState,
  source: Source,
): Promise<void> {
  const old = await kv.get(movedKey(source.platform, source.chat_id ?? ""));
  if (old === null) return;
  const session = sessionKey({ ...source, chat_id: old });
  const [said, model, beside] = await Promise.all([
    conversationOf(session),
    kv.get(`override:${session}`),
    settingsOf(session),
  ]);
  settings.set({ ...parsed(SessionSettings, beside), ...settings.current });
  memory?.adopt(beside);
  const chosen = parsedJson(StoredOverride, model);
  if (chosen && (await override.current()) === null) await override.set(chosen, chosen.set_by ?? "");
  history.adopt(said);
}
