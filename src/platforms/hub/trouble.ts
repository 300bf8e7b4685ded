import { log } from "../../lib/log.ts";
import type { HubFailure } from "./failure.ts";
import { BROKEN_AFTER_MS } from "./limits.ts";
import type { InboxStore } from "./store.ts";

type Kind = "address" | "secret" | "agent" | "inbox" | "hub";

/** What an operator reads of a failure, and what there is to do about it. */
const WORDS: { readonly [Name in Kind]: { readonly level: "warn" | "error"; readonly help: string } } = {
  address: {
    level: "error",
    help: "HUB_BASE_URL must be an https address, or http on this machine; nothing is sent to it",
  },
  secret: {
    level: "error",
    help: "Hub refuses this gateway; look at HUB_AGENT_ID and HUB_AGENT_SECRET",
  },
  agent: { level: "error", help: "Hub has no such agent or address; look at HUB_AGENT_ID and HUB_BASE_URL" },
  inbox: {
    level: "error",
    help:
      "Hub fails at every read of this agent's inbox: its file there is probably corrupt, and stays so until it is emptied with DELETE " +
      "<HUB_BASE_URL>/agents/<HUB_AGENT_ID>/messages and the header X-Agent-Secret; messages that were not answered are lost with it",
  },
  hub: { level: "warn", help: "Hub does not give the inbox; it is asked again at least once a minute" },
};

/**
 * Says in the log that the inbox cannot be read: each kind of failure once, until it could be read again. A
 * `500` that lasts is one of its own: Hub's file of the inbox has no lock and stays broken once it is.
 */
export function sayTrouble(failure: HubFailure, store: InboxStore, now: number): void {
  const known = store.trouble ?? { since: now, failing_since: null, said: [] };
  const failing_since = failure.status === 500 ? (known.failing_since ?? now) : null;
  const kind = kindOf(failure, failing_since === null ? 0 : now - failing_since);
  const fresh = !known.said.includes(kind);
  if (fresh) {
    const { level, help } = WORDS[kind];
    const { reason, status } = failure;
    log(level, "hub_look_failed", { reason, status, minutes: minutes(now - known.since), help });
  }
  if (fresh || failing_since !== known.failing_since) {
    store.trouble = { since: known.since, failing_since, said: fresh ? [...known.said, kind] : known.said };
  }
}

/** Says that the inbox can be read again, if it could not. */
export function sayWorks(store: InboxStore, now: number): void {
  const { trouble } = store;
  if (trouble === null) return;
  log("info", "hub_look_works_again", { minutes: minutes(now - trouble.since) });
  store.trouble = null;
}

/** `failing_ms`: for how long Hub has answered 500 and nothing else. */
function kindOf({ reason, status }: HubFailure, failing_ms: number): Kind {
  if (reason === "bad_address") return "address";
  if (status === 401 || status === 403) return "secret";
  if (status === 404) return "agent";
  return status === 500 && failing_ms >= BROKEN_AFTER_MS ? "inbox" : "hub";
}

const minutes = (ms: number): number => Math.round(ms / 60_000);
