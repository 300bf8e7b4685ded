import * as v from "valibot";
import { lenient, parsed } from "../../lib/schema.ts";

/** A field of the wrong type counts as absent: one odd entry must not hide the rest of the inbox. */
const text = lenient(v.string());
const anything = v.optional(v.unknown());

/**
 * One entry of `GET /agents/{id}/messages`. A direct message has `id`, `from`, `message`, `timestamp` and
 * `priority`; broadcasts carry `is_broadcast`, announcements `is_announcement`, settlement events a `type`
 * (docs/hub.md, "The inbox").
 */
export const InboxEntry = v.object({
  id: text,
  from: text,
  message: anything,
  timestamp: text,
  read: anything,
  priority: lenient(v.object({ level: text })),
  type: anything,
  is_broadcast: anything,
  is_announcement: anything,
  obligation_id: text,
  state: text,
  settlement_state: text,
});
export type InboxEntry = v.InferOutput<typeof InboxEntry>;

/** `GET /agents/{id}`, and one of `GET /agents`. `registered_at` is naive UTC. */
export const Agent = v.object({ agent_id: v.string(), registered_at: text });
export type Agent = v.InferOutput<typeof Agent>;

/** One message of `GET /public/conversation/{a}/{b}`, which tells no ids. */
export const StoredMessage = v.object({ from: v.string(), message: v.string(), timestamp: v.string() });

/** `POST /agents/{id}/message`, status 200. */
export const Sent = v.object({ message_id: text });

/** What Hub POSTs to a callback URL to see whether it answers; neither says that there is a message. */
const Test = v.object({ type: v.literal("callback_test") });
const Health = v.object({ probe: v.literal("callback-health") });
export const isProbe = (payload: unknown): boolean =>
  parsed(Test, payload) !== null || parsed(Health, payload) !== null;
