import { Hono } from "hono";
import { pause } from "../lib/wait.ts";
import { bodyOf, no } from "./hub-http.ts";
import type { HubEntry, HubStore } from "./hub-store.ts";

const MAX_POLLS = 5;
const POLL_STEP_MS = 50;
/** In the order of `sort=priority`. */
const LEVELS = ["flag", "normal", "deprioritize", "quarantine"];

/** What an agent does with its own inbox, with its secret. */
export function inboxApp(store: HubStore): Hono {
  const app = new Hono();
  let polls = 0;

  /** The query's secret wins over the header's. */
  app.use("/agents/:id/messages/*", async (c, next) => {
    const agent = store.agent(c.req.param("id"));
    if (!agent) return no(c, 404, "Not found");
    const secret = c.req.query("secret") || c.req.header("x-agent-secret") || (await bodyOf(c)).secret;
    return secret === agent.secret ? next() : no(c, 403, "Invalid secret");
  });

  /** Marks all that it returns read: with `mark_read=true`, and with `unread=true` unless `mark_read=false`. */
  app.get("/agents/:id/messages", (c) => {
    const { unread, sort, mark_read = "" } = c.req.query();
    const only = unread?.toLowerCase() === "true";
    const found = store.inbox(c.req.param("id")).filter((entry) => !(only && entry.read));
    if (sort?.toLowerCase() === "priority") found.sort((a, b) => rank(a) - rank(b));
    const consume = /^(true|1|yes)$/i.test(mark_read) || (only && !/^(false|0|no)$/i.test(mark_read));
    if (consume) for (const entry of found) entry.read = true;
    return c.json({ agent_id: c.req.param("id"), count: found.length, messages: found });
  });

  app.delete("/agents/:id/messages", (c) => {
    store.clear(c.req.param("id"));
    return c.json({ ok: true, message: "Inbox cleared" });
  });

  app.post("/agents/:id/messages/:message/read", (c) => {
    const message_id = c.req.param("message");
    const entry = store.inbox(c.req.param("id")).find(({ id }) => id === message_id);
    if (!entry) return no(c, 404, "Message not found");
    entry.read = true;
    return c.json({ ok: true, message_id, read: true });
  });

  /** Long poll; marks read, and names the fields differently. Too many at once are held and sent away empty. */
  app.get("/agents/:id/messages/poll", async (c) => {
    const timeout = Math.min(Number(c.req.query("timeout") ?? 30), 60);
    if (polls >= MAX_POLLS) {
      await pause(Math.min(timeout, 10) * 1_000);
      return c.json({ ok: true, messages: [], count: 0, retry_after: timeout });
    }
    polls++;
    let found: HubEntry[] = [];
    try {
      const deadline = performance.now() + timeout * 1_000;
      while (found.length === 0 && performance.now() < deadline) {
        found = store.inbox(c.req.param("id")).filter(({ read }) => !read);
        if (found.length === 0) await pause(POLL_STEP_MS);
      }
    } finally {
      polls--;
    }
    for (const entry of found) entry.read = true;
    const messages = found.map(({ id, from, message, timestamp }) => ({
      messageId: id,
      from,
      text: message,
      timestamp,
    }));
    return c.json({ ok: true, messages, count: messages.length });
  });
  return app;
}

function rank({ priority }: HubEntry): number {
  const level = typeof priority === "object" && priority !== null && "level" in priority && priority.level;
  return typeof level === "string" && LEVELS.includes(level) ? LEVELS.indexOf(level) : 1;
}
