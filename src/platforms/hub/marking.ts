import { log } from "../../lib/log.ts";
import type { Result } from "../../lib/result.ts";
import type { HubClient, InboxQuery } from "./api.ts";
import type { Budget } from "./budget.ts";
import { type Entry, readEntry } from "./entries.ts";
import type { HubFailure } from "./failure.ts";
import { isDealtWith, type Judges, judge } from "./judge.ts";
import {
  CHEAP_MARKS,
  CLOCK_MARGIN_MS,
  FEW_MARKS,
  KEPT_UNITS,
  MARKING_SETTLES_MS,
  MAX_KEPT,
  REWRITE_BYTES,
} from "./limits.ts";
import type { InboxStore } from "./store.ts";
import type { Reading } from "./stream.ts";
import type { Tally } from "./tally.ts";

export interface MarkingTools {
  readonly hub: HubClient;
  readonly store: InboxStore;
  readonly budget: Budget;
}

/**
 * Marks read what is dealt with. Hub writes its whole file of the inbox for each mark, and loses what comes in at
 * that moment, so that it is done as seldom as possible:
 * - a few entries one by one;
 * - many with one request for all, once nothing else is unread. That request may take in what came a moment ago, so
 *   it is noted before it is sent: see `takeAll` and `recover`;
 * - while something is left, some of the many at a time; the rest is remembered.
 * Marks one after the other: two at once could undo each other.
 * @returns how many entries were marked that are still to be answered
 */
export async function mark(
  tools: MarkingTools,
  judges: Judges,
  tally: Tally,
  reading: Reading,
  now: number,
): Promise<number> {
  const { store, budget } = tools;
  const left = tally.listed - tally.dealt;
  const many = tally.dealt > FEW_MARKS || tally.unmarkable > 0;
  if (many && left <= 0 && reading.end === "whole" && store.marking === null) {
    return budget.spend() ? takeAll(tools, judges, now) : 0;
  }
  const cheap = Math.min(CHEAP_MARKS, Math.floor(REWRITE_BYTES / reading.bytes));
  const some = Math.max(1, cheap, Math.ceil(tally.dealt / 1_000));
  for (const id of tally.markable.slice(0, many ? some : FEW_MARKS)) {
    if (!budget.spend()) break;
    const marked = await tools.hub.markRead(id);
    if (!marked.ok) {
      log("warn", "hub_mark_failed", { id, ...marked.error });
      break;
    }
  }
  return 0;
}

/** Marks everything read, and keeps what that takes in besides what is dealt with. */
async function takeAll(tools: MarkingTools, judges: Judges, now: number): Promise<number> {
  const { store } = tools;
  store.beginMarking(now);
  const { result, taken } = await collect("mark_all", () => true, tools, judges, now);
  if (result.ok) {
    store.endMarking(taken, result.value.end === "whole");
  } else {
    store.endMarking(taken, wasNotDone(result.error));
    log("warn", "hub_mark_failed", { id: "all", ...result.error });
  }
  return taken.length;
}

/** Whether Hub certainly did nothing: it was not asked, or said no. */
const wasNotDone = ({ reason, status = 0 }: HubFailure): boolean =>
  reason === "not_sent" || reason === "bad_address" || (reason === "refused" && status < 500);

/**
 * Finds what a request to mark all may have taken in unseen, because its answer was lost or the object ended: what
 * is read at Hub, was sent at about that time, and is known to nobody here. Done once at once, and once more when
 * the request can no longer be carried out.
 * @returns whether the inbox was read to its end
 */
export async function recover(tools: MarkingTools, judges: Judges, now: number): Promise<boolean> {
  const { store } = tools;
  const began = store.marking ?? now;
  const wasTaken = ({ read, sent_at }: Entry) =>
    read && sent_at !== null && sent_at >= began - CLOCK_MARGIN_MS;
  const { result, taken } = await collect("all", wasTaken, tools, judges, now);
  const end = result.ok ? result.value.end : "broken";
  const settled = now - began >= MARKING_SETTLES_MS;
  store.endMarking(taken, end === "limit" || (end === "whole" && settled));
  if (taken.length > 0) log("info", "hub_recovered", { entries: taken.length });
  if (end === "limit") {
    const help =
      "the inbox at Hub is too long to be searched for messages that were marked read unseen; clear it";
    log("error", "hub_recovery_given_up", { help });
  }
  return end === "whole";
}

/** Reads a list for entries that are wanted and not dealt with, as many as there is room for. */
async function collect(
  which: InboxQuery,
  wanted: (entry: Entry) => boolean,
  { hub, store }: MarkingTools,
  judges: Judges,
  now: number,
): Promise<{ readonly result: Result<Reading, HubFailure>; readonly taken: readonly Entry[] }> {
  const taken: Entry[] = [];
  let entries = store.kept().length;
  let units = store.kept().reduce((sum, { text }) => sum + text.length, 0);
  const result = await hub.list(which, async (element) => {
    const entry = await readEntry(element, hub.agent);
    if (!wanted(entry) || store.isKept(entry.id) || isDealtWith(judge(entry, judges, now))) return;
    entries++;
    units += entry.text.length;
    if (entries > MAX_KEPT || units > KEPT_UNITS) return false;
    taken.push(entry);
  });
  return { result, taken };
}
