import { anthropicMessages } from "./inference/dialects/anthropic-messages.ts";
import { responses } from "./inference/dialects/responses.ts";
import type { ApiModeDialect, Provider } from "./inference/port.ts";
import { workersAi } from "./inference/providers/workers-ai.ts";
import type { Sql } from "./lib/ports.ts";
import { dueAfter } from "./platforms/cron/calendar.ts";
import { scheduler } from "./platforms/cron/scheduler.ts";
import { readHub } from "./platforms/hub/read-hub.ts";
import { draft } from "./platforms/telegram/draft.ts";
import { guest } from "./platforms/telegram/guest.ts";
import { rich } from "./platforms/telegram/rich.ts";
import type { Hear } from "./sessions/fetch-file.ts";
import { hear } from "./sessions/hear.ts";
import { memoryOf } from "./sessions/memory/memory.ts";
import { ownerNotes } from "./sessions/memory/owner-notes.ts";
import { Overheard } from "./sessions/overheard.ts";
import { Peers } from "./sessions/peers.ts";
import { type Runs, runs } from "./sessions/runs.ts";

/**
 * What only some routes files have a use for; null where it is not part of this Worker. Only what puts the Worker
 * together looks here (test/floors.test.ts); all else is given the parts.
 */
export interface Parts {
  readonly anthropicMessages: ApiModeDialect | null;
  readonly responses: ApiModeDialect | null;
  readonly workersAi: Provider | null;
  readonly readHub: typeof readHub | null;
  readonly scheduler: typeof scheduler | null;
  readonly dueAfter: typeof dueAfter | null;
  readonly runs: Runs | null;
  readonly hear: Hear | null;
  readonly draft: typeof draft | null;
  readonly rich: typeof rich | null;
  readonly guest: typeof guest | null;
  readonly Overheard: (new (sql: Sql) => Overheard) | null;
  readonly memoryOf: typeof memoryOf | null;
  readonly ownerNotes: typeof ownerNotes | null;
  readonly Peers: (new (sql: Sql) => Peers) | null;
}

/**
 * All of them: `#parts` as tests, tools and the simulation have it. In a Worker `#parts` is the module that
 * `npm run compile` writes with the routes (tools/routes/parts.ts), which imports what the routes file needs.
 */
export const parts: Parts = {
  anthropicMessages,
  responses,
  workersAi,
  readHub,
  scheduler,
  dueAfter,
  runs,
  hear,
  draft,
  rich,
  guest,
  Overheard,
  memoryOf,
  ownerNotes,
  Peers,
};
