import { Hono } from "hono";
import { HubCrash, type HubStore } from "./hub-store.ts";

/** What Hub shows to anybody, without a secret. */
export function publicApp(store: HubStore): Hono {
  const app = new Hono();

  /** Every callback URL, with whatever token it carries. */
  app.get("/hub/analytics", (c) => {
    const delivery_status = store.agents().map(([agent_id, agent]) => ({
      agent_id,
      callback_url: agent.callback_url,
      callback_verified: agent.callback_verified,
      callback_error: agent.callback_error,
    }));
    return c.json({ delivery_status });
  });

  /** Every registered agent. */
  app.get("/agents", (c) => {
    const agents = store.agents().map(([agent_id, { registered_at }]) => ({
      agent_id,
      description: "",
      capabilities: [],
      registered_at,
      messages_received: store.sent.filter(({ to }) => to === agent_id).length,
    }));
    return c.json({ count: agents.length, agents });
  });

  /** Every direct message. */
  app.get("/hub/messages", (c) =>
    c.json({ count: store.sent.length, messages: store.sent.map(({ to, entry }) => ({ to, ...entry })) }),
  );

  /** What lies in the two agents' inboxes from each other, read or not, the newest first. */
  app.get("/public/conversation/:a/:b", (c) => {
    const { a, b } = c.req.param();
    const found = [...letters(store, a, b), ...letters(store, b, a)];
    const distinct = new Map<string, object>();
    for (const letter of found.sort((one, other) => (one.timestamp < other.timestamp ? 1 : -1))) {
      const key = JSON.stringify([letter.from, letter.timestamp, letter.message.slice(0, 50)]);
      if (!distinct.has(key)) distinct.set(key, letter);
    }
    const messages = [...distinct.values()];
    return c.json({ agents: [a, b].sort(), message_count: messages.length, messages });
  });
  return app;
}

function letters(store: HubStore, from: string, to: string) {
  return store
    .inbox(to)
    .filter((entry) => entry.from === from)
    .map(({ message = "", timestamp = "" }) => {
      if (typeof message !== "string") throw new HubCrash("a message that is no string cannot be compared");
      return { from, to, message, timestamp };
    });
}
