import * as z from "zod/mini";
import { lenient } from "../../lib/lenient.ts";

/** A field of the wrong type counts as absent: one odd entry must not hide the rest of the inbox. */
const text = lenient(z.string());
const anything = z.optional(z.unknown());

/** `GET /agents/{id}/messages`. */
export const Listing = z.object({ messages: z.array(z.unknown()) });

/**
 * One inbox entry. A direct message has `id`, `from`, `message`, `timestamp`; broadcasts carry `is_broadcast`,
 * settlement events a `type` (docs/hub.md, "The inbox").
 */
export const InboxEntry = z.object({
  id: text,
  from: text,
  message: anything,
  timestamp: text,
  type: anything,
  is_broadcast: anything,
  obligation_id: text,
  state: text,
  settlement_state: text,
});
export type InboxEntry = z.infer<typeof InboxEntry>;

/** `GET /agents/{id}`. `registered_at` is naive UTC. */
export const Agent = z.object({ agent_id: z.string(), registered_at: text });

/** `POST /agents/{id}/message`, status 200. */
export const Sent = z.object({ message_id: text });

/** What Hub POSTs to a callback URL to see whether it answers; neither says that there is a message. */
export const Probe = z.union([
  z.object({ type: z.literal("callback_test") }),
  z.object({ probe: z.literal("callback-health") }),
]);
