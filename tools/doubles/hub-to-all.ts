import { type HubAnswer, type HubCallContext, no, yes } from "./hub-call.ts";
import { naiveTime } from "./hub-store.ts";

const VERIFY_WITHIN_MS = 5 * 60_000;

export function broadcast(call: HubCallContext): HubAnswer {
  const { from, type: msg_type = "broadcast", payload = {} } = call.request.body;
  const content = { type: "broadcast", from, msg_type, payload, ts: naiveTime() };
  return toAll(call, content, "is_broadcast");
}

/** Asks everybody to verify an endpoint. */
export function announce(call: HubCallContext): HubAnswer {
  const { from, endpoint, expected_status = 200, description = "" } = call.request.body;
  if (!endpoint) return no(400, "Missing 'endpoint'");
  const announced_at = naiveTime();
  const verify_by = naiveTime(Date.now() + VERIFY_WITHIN_MS).slice(0, "2026-01-01T00:00:00".length);
  const content = { type: "endpoint_announcement", from, endpoint, expected_status, description };
  return toAll(call, { ...content, announced_at, verify_by }, "is_announcement");
}

/** One entry into every other agent's inbox, with its content as a JSON string. Nobody is called back. */
function toAll({ request, store }: HubCallContext, content: object, mark: string): HubAnswer {
  const { from, secret = request.headers["x-agent-secret"] } = request.body;
  if (typeof from !== "string" || from === "") return no(400, "Missing 'from'");
  const sender = store.agent(from);
  if (!sender) return no(404, `'${from}' not registered`);
  if (sender.secret !== secret) return no(403, "Invalid secret");
  const delivered_to = store.agents().flatMap(([id]) => (id === from ? [] : [id]));
  for (const id of delivered_to) store.put(id, { from, message: JSON.stringify(content), [mark]: true });
  return yes({ ok: true, delivered_to, count: delivered_to.length });
}
