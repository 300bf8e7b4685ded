import { type Context, Hono } from "hono";
import { bodyOf, no } from "./hub-http.ts";
import { type HubStore, naiveTime } from "./hub-store.ts";

const VERIFY_WITHIN_MS = 5 * 60_000;

/** What one agent says to all others. */
export function toAllApp(store: HubStore): Hono {
  const app = new Hono();

  app.post("/broadcast", async (c) => {
    const body = await bodyOf(c);
    const { from, type: msg_type = "broadcast", payload = {} } = body;
    const content = { type: "broadcast", from, msg_type, payload, ts: naiveTime() };
    return toAll(c, store, body, content, "is_broadcast");
  });

  /** Asks everybody to verify an endpoint. */
  app.post("/announce", async (c) => {
    const body = await bodyOf(c);
    const { from, endpoint, expected_status = 200, description = "" } = body;
    if (!endpoint) return no(c, 400, "Missing 'endpoint'");
    const verify_by = naiveTime(Date.now() + VERIFY_WITHIN_MS).slice(0, "2026-01-01T00:00:00".length);
    const content = { type: "endpoint_announcement", from, endpoint, expected_status, description };
    const dated = { ...content, announced_at: naiveTime(), verify_by };
    return toAll(c, store, body, dated, "is_announcement");
  });
  return app;
}

/** One entry into every other agent's inbox, with its content as a JSON string. Nobody is called back. */
function toAll(
  c: Context,
  store: HubStore,
  { from, secret = c.req.header("x-agent-secret") }: Record<string, unknown>,
  content: object,
  mark: string,
): Response {
  if (typeof from !== "string" || from === "") return no(c, 400, "Missing 'from'");
  const sender = store.agent(from);
  if (!sender) return no(c, 404, `'${from}' not registered`);
  if (sender.secret !== secret) return no(c, 403, "Invalid secret");
  const delivered_to = store.agents().flatMap(([id]) => (id === from ? [] : [id]));
  for (const id of delivered_to) store.put(id, { from, message: JSON.stringify(content), [mark]: true });
  return c.json({ ok: true, delivered_to, count: delivered_to.length });
}
