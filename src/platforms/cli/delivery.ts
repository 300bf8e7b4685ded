import type { Delivery } from "../platform.ts";

/** The least pause between two states of an answer that is being written. */
const LIVE_PAUSE_MS = 200;

/**
 * Nothing is sent: who follows an answer fetches it from its session, which has it in memory while it is written,
 * and stored from then on. A message's id is the text itself, so that it is kept where ids are.
 */
export const delivery: Delivery = {
  split: (text) => [text],
  send: async ({ text }) => ({ kind: "sent", message_id: text }),
  live: { pause_ms: () => LIVE_PAUSE_MS, show: async () => ({ kind: "shown", message_id: null }) },
  owes_answer: true,
};
