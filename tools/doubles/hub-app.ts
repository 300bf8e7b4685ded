import { Hono } from "hono";
import { bodyOf, no } from "./hub-http.ts";
import { inboxApp } from "./hub-inbox.ts";
import { publicApp } from "./hub-public.ts";
import { type CallbackResult, HubCrash, type HubStore } from "./hub-store.ts";
import { toAllApp } from "./hub-to-all.ts";

const CALLBACK_TIMEOUT_MS = 5_000;
const PROBE_TIMEOUT_MS = 10_000;
const NAME = /^[\p{L}\p{N}_-]+$/u;

export type CallBack = (url: string, body: unknown, timeout_ms: number) => Promise<CallbackResult>;

/** Answers as Hub does, below its base path (docs/hub.md; https://github.com/handsdiff/hub, server.py). */
export function hubApp(store: HubStore, callBack: CallBack): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof HubCrash) return no(c, 500, "Internal Server Error");
    throw error;
  });

  app.post("/agents/register", async (c) => {
    const { agent_id: id, callback_url } = await bodyOf(c);
    if (typeof id !== "string" || id === "") return no(c, 400, "Missing agent_id");
    if (!NAME.test(id)) return no(c, 400, "agent_id must be alphanumeric (underscores/hyphens ok)");
    if (store.agent(id)) return no(c, 409, `'${id}' already taken`);
    const { secret } = store.register(id, typeof callback_url === "string" ? callback_url : null);
    const inbox_url = `/agents/${id}/messages?secret=${secret}`;
    return c.json({ ok: true, agent_id: id, secret, inbox_url, wallet: null, private_key: null });
  });

  app.get("/agents/match", (c) => no(c, 400, "need parameter required"));

  app.get("/agents/:id", (c) => {
    const agent = store.agent(c.req.param("id"));
    if (!agent) return no(c, 404, "agent not found");
    const { registered_at } = agent;
    return c.json({ agent_id: c.req.param("id"), description: "", capabilities: [], registered_at });
  });

  app.patch("/agents/:id", async (c) => {
    const agent = store.agent(c.req.param("id"));
    const body = await bodyOf(c);
    if (!agent) return no(c, 404, "Agent not found");
    if (agent.secret !== body.secret) return no(c, 403, "Invalid secret");
    const updated: string[] = [];
    if ("callback_url" in body) {
      const url =
        typeof body.callback_url === "string" && body.callback_url !== "" ? body.callback_url : null;
      const probe = { type: "callback_test", from: "hub", message: "Callback verification test" };
      const result = url === null ? null : await callBack(url, probe, PROBE_TIMEOUT_MS);
      const error =
        result && !works(result) ? (result.error ?? `HTTPError: HTTP Error ${result.status}`) : null;
      agent.callback_url = url;
      agent.callback_verified = works(result);
      agent.callback_error = error;
      updated.push("callback_url");
      if (error) updated.push(`WARNING: callback test failed (${error}). Messages may not be delivered.`);
    }
    return c.json({ ok: true, updated });
  });

  /**
   * Stores first, then calls back while the sender waits; a failed callback is still a 200. A message that Hub
   * cannot print is stored and not called back for, and its sender reads a 500.
   */
  app.post("/agents/:id/message", async (c) => {
    const to = c.req.param("id");
    const { from, message, secret } = await bodyOf(c);
    if (typeof from !== "string" || from === "") return no(c, 400, "Missing 'from'");
    if (isEmpty(message)) return no(c, 400, "Missing 'message'");
    const recipient = store.agent(to);
    if (!recipient) return no(c, 404, `Agent '${to}' not found`);
    const sender = store.agent(from);
    if (sender && !secret) return no(c, 401, "Registered agents must include 'secret' to prove identity.");
    if (sender && sender.secret !== secret) {
      return no(c, 403, "Invalid secret. You cannot send messages as this agent.");
    }
    const entry = store.put(to, { from, message, priority: store.priorityOf(from) });
    store.sent.push({ to, entry });
    if (!isPrintable(message)) throw new HubCrash("the message cannot be printed");
    const url = recipient.callback_url;
    const result = url === null ? null : await callBack(url, entry, CALLBACK_TIMEOUT_MS);
    const called = works(result) ? "callback_ok" : "callback_failed";
    return c.json({
      ok: true,
      message_id: entry.id,
      delivered_to_inbox: true,
      callback_status: result?.status ?? null,
      callback_url_configured: url !== null,
      callback_error: result?.error ?? null,
      delivery_state: url === null ? "inbox_delivered_no_callback" : `${called}_inbox_delivered`,
    });
  });

  app.route("/", inboxApp(store));
  app.route("/", toAllApp(store));
  app.route("/", publicApp(store));
  app.all("*", (c) => no(c, 404, "Not found"));
  return app;
}

const works = (result: CallbackResult | null): boolean =>
  typeof result?.status === "number" && result.status < 400;

/** What Python takes for false. */
function isEmpty(message: unknown): boolean {
  return !message || (typeof message === "object" && Object.keys(message).length === 0);
}

/** Hub prints a message's first 50 characters: it fails where there are none, and on half a surrogate pair. */
function isPrintable(message: unknown): boolean {
  if (typeof message === "string") return Array.from(message).slice(0, 50).join("").isWellFormed();
  return Array.isArray(message);
}
