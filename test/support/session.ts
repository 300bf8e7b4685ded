import type { Sql } from "../../src/lib/ports.ts";
import { systemClock } from "../../src/lib/time.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import { FEATURES } from "../../src/sessions/features.ts";
import { deaf } from "../../src/sessions/listener.ts";
import { unscheduled } from "./setup.ts";
import type { MemoryKv } from "./sql.ts";

/** A session of the owner's direct chat on Telegram, as an object that was just started has it, on this storage. */
export function sessionOn(
  { sql, kv }: { readonly sql: Sql; readonly kv: MemoryKv },
  routes: CompiledRoutes,
  env: { readonly [name: string]: string } = {},
): SessionCore {
  return new SessionCore({
    name: "agent:main:telegram:dm:42",
    sql,
    alarm: { set: () => {}, clear: () => {} },
    lifetime: { keepAlive: () => {}, end: () => {} },
    clock: systemClock,
    kv,
    routes,
    env: { TELEGRAM_BOT_TOKEN: "1:test-token-that-is-no-secret-000000", ...env },
    enlist: async () => {},
    conversationOf: async () => [],
    settingsOf: async () => ({}),
    hear: null,
    runs: null,
    scheduler: unscheduled,
    features: FEATURES,
    overheard: deaf(sql),
    roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
  });
}

let nextId = 1;
/** A message of the owner's, from Telegram. */
export const ownersMessage = (text: string): InboundMessage => ({
  delivery_id: `telegram:1:${nextId++}`,
  source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
  text,
  address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
  received_at: Date.now(),
});

/** A whole answer of chat completions, as a stream. */
export function streamed(text: string, finish = "stop"): Response {
  const choice = { delta: { content: text }, finish_reason: finish };
  const usage = { prompt_tokens: 100, completion_tokens: 10 };
  const events = [{ choices: [choice] }, { choices: [], usage }];
  const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(`${body}data: [DONE]\n\n`, { headers: { "content-type": "text/event-stream" } });
}
