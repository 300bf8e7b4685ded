import type { Accepted } from "../../env.ts";
import { Recent } from "../../lib/recent.ts";
import type { Clock } from "../../lib/time.ts";
import type { InboundMessage } from "../../message/message.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import type { HubClient } from "./api.ts";
import type { Budget } from "./budget.ts";
import type { Judges } from "./judge.ts";
import { MAX_SENDERS } from "./limits.ts";
import { Pauses } from "./pauses.ts";
import { Standings } from "./standings.ts";
import type { InboxStore } from "./store.ts";
import { type Noted, newNoted, type Tally } from "./tally.ts";
import type { Waiting } from "./waiting.ts";

/** What a look works with. */
export interface LookTools {
  readonly hub: HubClient;
  readonly store: InboxStore;
  readonly memory: Memory;
  readonly routes: CompiledRoutes;
  readonly clock: Clock;
  /** Hands a message to its session; resolves once it is stored there, rejects when that is not certain. */
  readonly handOver: (message: InboundMessage) => Promise<Accepted>;
}

/** What one object remembers from look to look, and may forget. */
export interface Memory {
  readonly standings: Standings;
  readonly pauses: Pauses;
  readonly noted: Noted;
  /** When a message of a sender was handed over last (Unix milliseconds). */
  readonly served: Recent<string, number>;
  /** The marking that is recovered from, by when it began; how often that was tried, and when it is next. */
  recovery: { readonly of: number; readonly tries: number; readonly next_at: number } | null;
}

export const newMemory = (): Memory => ({
  standings: new Standings(),
  pauses: new Pauses(),
  noted: newNoted(),
  served: new Recent(MAX_SENDERS),
  recovery: null,
});

/** One look at work. */
export interface Look extends LookTools {
  readonly judges: Judges;
  readonly budget: Budget;
  readonly tally: Tally;
  readonly waiting: Waiting;
  /** When it began (Unix milliseconds). */
  readonly now: number;
}
