import * as z from "zod/mini";
import { lenient } from "../../lib/lenient.ts";

/** A field of the wrong type counts as absent: one odd entry must not hide the rest of the inbox. */
const text = lenient(z.string());
const anything = z.optional(z.unknown());

/**
 * One entry of `GET /agents/{id}/messages`. A direct message has `id`, `from`, `message`, `timestamp` and
 * `priority`; broadcasts carry `is_broadcast`, announcements `is_announcement`, settlement events a `type`
 * (docs/hub.md, "The inbox").
 */
export const InboxEntry = z.object({
  id: text,
  from: text,
  message: anything,
  timestamp: text,
  read: anything,
  priority: lenient(z.object({ level: text })),
  type: anything,
  is_broadcast: anything,
  is_announcement: anything,
  obligation_id: text,
  state: text,
  settlement_state: text,
});
export type InboxEntry = z.infer<typeof InboxEntry>;

/** `GET /agents/{id}`, and one of `GET /agents`. `registered_at` is naive UTC. */
export const Agent = z.object({ agent_id: z.string(), registered_at: text });
export type Agent = z.infer<typeof Agent>;

/** One message of `GET /public/conversation/{a}/{b}`, which tells no ids. */
export const StoredMessage = z.object({ from: z.string(), message: z.string(), timestamp: z.string() });

/** `POST /agents/{id}/message`, status 200. */
export const Sent = z.object({ message_id: text });

/** What Hub POSTs to a callback URL to see whether it answers; neither says that there is a message. */
export const Probe = z.union([
  z.object({ type: z.literal("callback_test") }),
  z.object({ probe: z.literal("callback-health") }),
]);
