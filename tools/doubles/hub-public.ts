import { type HubAnswer, type HubCallContext, yes } from "./hub-call.ts";
import { HubCrash, type HubStore } from "./hub-store.ts";

/** Public: anyone reads every callback URL, with whatever token it carries. */
export function analytics({ store }: HubCallContext): HubAnswer {
  const delivery_status = store.agents().map(([agent_id, agent]) => ({
    agent_id,
    callback_url: agent.callback_url,
    callback_verified: agent.callback_verified,
    callback_error: agent.callback_error,
  }));
  return yes({ delivery_status });
}

/** Public: every registered agent. */
export function directory({ store }: HubCallContext): HubAnswer {
  const agents = store.agents().map(([agent_id, { registered_at }]) => ({
    agent_id,
    description: "",
    capabilities: [],
    registered_at,
    messages_received: store.sent.filter(({ to }) => to === agent_id).length,
  }));
  return yes({ count: agents.length, agents });
}

/** Public: what lies in the two agents' inboxes from each other, read or not, the newest first. */
export function conversation({ store, id, messageId: peer }: HubCallContext): HubAnswer {
  const found = [...letters(store, peer, id), ...letters(store, id, peer)];
  const distinct = new Map<string, Record<string, string>>();
  for (const letter of found.sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1))) {
    const key = JSON.stringify([letter.from, letter.timestamp, letter.message.slice(0, 50)]);
    if (!distinct.has(key)) distinct.set(key, letter);
  }
  const messages = [...distinct.values()];
  return yes({ agents: [id, peer].sort(), message_count: messages.length, messages });
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

/** Public: anyone reads every direct message. */
export function allMessages({ store }: HubCallContext): HubAnswer {
  return yes({ count: store.sent.length, messages: store.sent.map(({ to, entry }) => ({ to, ...entry })) });
}
