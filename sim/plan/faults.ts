/**
 * Every fault that chance may bring, with the least and the greatest probability that it has at one place, once
 * a seed has switched it on.
 */
export const FAULTS = {
  // The object and its storage
  crash: [0.0003, 0.02],
  crash_soon: [0.0003, 0.02],
  crash_at_commit: [0.001, 0.05],
  slow_commit: [0.01, 0.3],
  storage_full: [0.001, 0.02],
  late_alarm: [0.05, 0.5],
  // Between the parts of the gateway
  worker_crash: [0.005, 0.1],
  call_lost: [0.01, 0.2],
  call_answer_lost: [0.01, 0.2],
  kv_read_fails: [0.05, 0.7],
  kv_write_fails: [0.05, 0.7],
  kv_answer_lost: [0.02, 0.4],
  kv_slow: [0.02, 0.5],
  kv_stale: [0.1, 0.9],
  // Webhooks
  webhook_delayed: [0.02, 0.4],
  webhook_again: [0.02, 0.4],
  webhook_lost: [0.02, 0.3],
  webhook_answer_lost: [0.01, 0.2],
  callback_lost: [0.05, 0.8],
  // Telegram
  telegram_lost: [0.01, 0.2],
  telegram_silent: [0.01, 0.2],
  telegram_502: [0.01, 0.3],
  telegram_500: [0.01, 0.4],
  telegram_flood: [0.01, 0.3],
  telegram_long_flood: [0.002, 0.05],
  telegram_blocked: [0.002, 0.05],
  telegram_refuses_part: [0.01, 0.3],
  telegram_late: [0.02, 0.3],
  telegram_getMe_fails: [0.1, 0.9],
  telegram_sendChatAction_fails: [0.1, 0.9],
  // Discord
  discord_lost: [0.01, 0.2],
  discord_silent: [0.01, 0.2],
  discord_502: [0.01, 0.2],
  discord_500: [0.01, 0.4],
  discord_flood: [0.01, 0.4],
  discord_settles_late: [0.05, 0.5],
  // Hub
  hub_agent_fails: [0.05, 0.6],
  hub_messages_fails: [0.05, 0.6],
  hub_directory_fails: [0.05, 0.6],
  hub_conversation_fails: [0.05, 0.6],
  hub_send_lost: [0.01, 0.2],
  hub_send_silent: [0.01, 0.2],
  hub_send_502: [0.01, 0.2],
  hub_send_500: [0.01, 0.2],
  hub_send_429: [0.02, 0.4],
  hub_send_slow: [0.1, 0.6],
  // Inference endpoints
  model_lost: [0.01, 0.3],
  model_silent: [0.01, 0.2],
  model_500: [0.02, 0.5],
  model_429: [0.02, 0.5],
  model_rejects: [0.005, 0.1],
  model_page: [0.005, 0.1],
  model_late: [0.02, 0.4],
  model_slow: [0.05, 0.5],
  model_stalls: [0.01, 0.2],
  model_cut: [0.01, 0.3],
  model_error_event: [0.01, 0.3],
  model_empty: [0.005, 0.1],
  long_answer: [0.05, 0.4],
} as const satisfies { readonly [kind: string]: readonly [number, number] };

export type FaultKind = keyof typeof FAULTS;
