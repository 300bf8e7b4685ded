import { log } from "../../lib/log.ts";
import { ok, type Result } from "../../lib/result.ts";
import { Budget } from "./budget.ts";
import { type Entry, readEntry } from "./entries.ts";
import type { HubFailure } from "./failure.ts";
import { dismiss, handOverAll } from "./hand-over.ts";
import { judge } from "./judge.ts";
import { FIRST_LOOK_MAX_AGE_MS, MARKING_SETTLES_MS, REQUESTS_PER_LOOK } from "./limits.ts";
import { mark, recover } from "./marking.ts";
import { pauseAfter } from "./pauses.ts";
import { ask } from "./senders.ts";
import type { Reading } from "./stream.ts";
import { Tally } from "./tally.ts";
import { Waiting } from "./waiting.ts";
import type { Look, LookTools, Memory } from "./work.ts";

/** What became of one look. */
export interface LookReport {
  readonly unread: number;
  readonly accepted: number;
  readonly refused: number;
  readonly ignored: number;
  /** Neither handed over nor refused: they wait for a later look. */
  readonly left: number;
  readonly end: Reading["end"];
  /** Looking again at once gets on with what is left. */
  readonly more: boolean;
  /** When what could not be handed on is tried again (Unix milliseconds); null if there is nothing. */
  readonly retry_at: number | null;
}

/**
 * Reads the inbox once and deals with what is unread: messages go to their sessions, in order for each sender and
 * side by side for different ones; everything dealt with is marked read, and only afterwards. Fails only if the
 * inbox cannot be read.
 */
export async function look(tools: LookTools): Promise<Result<LookReport, HubFailure>> {
  const { store, memory, routes, clock } = tools;
  const now = clock.now();
  const first = store.answer_from === null;
  const answer_from = store.answer_from ?? now - FIRST_LOOK_MAX_AGE_MS;
  const judges = { store, ...memory, routes, answer_from, first };
  const work: Look = {
    ...tools,
    judges,
    budget: new Budget(REQUESTS_PER_LOOK),
    tally: new Tally(memory.noted),
    waiting: new Waiting(),
    now,
  };
  await recoverIfDue(work);

  const known = new Set<string>();
  let paused_until: number | null = null;
  const take = (entry: Entry): void => {
    const until = gather(entry, work, known);
    if (until !== null) paused_until = Math.min(until, paused_until ?? until);
  };
  for (const entry of store.kept()) take(entry);
  work.budget.spend();
  const reading = await tools.hub.list("unread", async (element) => {
    const entry = await readEntry(element, tools.hub.agent);
    work.tally.listed++;
    if (!store.isKept(entry.id)) take(entry);
  });
  if (!reading.ok) return reading;
  if (first) {
    store.startAnswering(answer_from);
    log("info", "hub_first_look", { unread: work.tally.listed, too_old: work.tally.counts.old });
  }

  const asked = work.waiting.unknown();
  const answers = await ask(asked, { ...tools, ...memory, budget: work.budget }, now);
  for (const sender of asked) dismiss(sender, work);
  await handOverAll(work);
  const taken = await mark(work, judges, work.tally, reading.value, now);
  if (reading.value.end === "whole" && store.marking === null) store.forget(known, now);
  const progress = work.tally.counts.accepted > 0 || answers > 0;
  const { more, ...found } = report(work, reading.value, progress, paused_until);
  return ok({ ...found, more: more || taken > 0 });
}

/**
 * Looks for what marking all took in unseen: at once, and once more when that request must be over; again after a
 * pause where the inbox could not be read to its end.
 */
async function recoverIfDue(work: Look): Promise<void> {
  const { store, memory, budget, now } = work;
  const { marking } = store;
  if (marking === null) return;
  const { tries, next_at } = recoveryOf(memory, marking);
  if (now < next_at) return;
  budget.spend();
  const whole = await recover(work, work.judges, now);
  const pause_ms = pauseAfter(tries + 1);
  const next = whole ? Math.max(now + pause_ms, marking + MARKING_SETTLES_MS) : now + pause_ms;
  memory.recovery = { of: marking, tries: tries + 1, next_at: next };
}

const recoveryOf = ({ recovery }: Memory, marking: number) =>
  recovery?.of === marking ? recovery : { tries: 0, next_at: 0 };

/** Takes in one entry; returns until when its sender is paused, if it is. */
function gather(entry: Entry, work: Look, known: Set<string>): number | null {
  const { store, tally, waiting, memory, judges, now } = work;
  const verdict = judge(entry, judges, now);
  if (verdict.kind === "waits") {
    waiting.add(entry, verdict.standing, memory.served.get(entry.from) ?? 0);
    return null;
  }
  if (verdict.kind === "paused") return verdict.until;
  if (verdict.kind === "known") known.add(entry.id);
  if (verdict.kind === "old") {
    tally.counts.old++;
    // Its time will not tell again that it is old.
    if (entry.sent_at === null && store.room > 0) store.settle(entry.id);
  }
  if (verdict.kind === "ignored") tally.note("hub_entry_ignored", entry, verdict.reason);
  if (verdict.kind === "refused") tally.note("hub_entry_refused", entry, verdict.reason);
  if (store.isKept(entry.id)) store.drop(entry.id);
  else tally.settle(entry);
  return null;
}

function report(work: Look, { end }: Reading, progress: boolean, paused_until: number | null): LookReport {
  const { store, memory, tally, waiting, clock } = work;
  const { listed, dealt, counts } = tally;
  const now = clock.now();
  const retries = paused_until === null ? [] : [paused_until];
  if (store.marking !== null) retries.push(recoveryOf(memory, store.marking).next_at);
  let open = waiting.beyond > 0;
  for (const sender of waiting.senders()) {
    if (sender.waiting === 0) continue;
    const until = memory.pauses.until(sender.name, now);
    if (until === null) open = true;
    else retries.push(until);
  }
  return {
    unread: listed,
    accepted: counts.accepted,
    refused: counts.refused,
    ignored: counts.ignored,
    left: Math.max(0, listed - dealt),
    end,
    // Only after progress: what keeps failing is left to its pause, or to the sweep.
    more: open && progress,
    retry_at: retries.length === 0 ? null : Math.min(...retries),
  };
}
