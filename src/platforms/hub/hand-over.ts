import { log } from "../../lib/log.ts";
import { type Entry, messageOf, sourceOf } from "./entries.ts";
import { refusal } from "./judge.ts";
import { LONGEST_FULL_PAUSE_MS, MARKS_RESERVED } from "./limits.ts";
import type { Sender } from "./waiting.ts";
import type { Look } from "./work.ts";

/** Deals with the entries of senders that are known by now and get no answer. */
export function dismiss(sender: Sender, work: Look): void {
  const { standing, entries } = sender;
  if (standing === null) return;
  const answered: Entry[] = [];
  for (const entry of entries) {
    const reason = refusal(entry, standing, work.routes);
    if (reason === null) {
      answered.push(entry);
      continue;
    }
    work.tally.note("hub_entry_refused", entry, reason);
    sender.waiting--;
    if (work.store.isKept(entry.id)) work.store.drop(entry.id);
    else work.tally.settle(entry);
  }
  entries.splice(0, entries.length, ...answered);
  // What was not held is refused like the rest: nobody had the name when Hub listed it.
  if (!standing.registered) {
    work.tally.dealt += sender.waiting;
    sender.waiting = 0;
  }
}

/**
 * Hands over as much as the look's requests allow: the senders take turns, and each one's entries stay in order.
 * @throws if the storage fails
 */
export async function handOverAll(work: Look): Promise<void> {
  const senders = work.waiting.registered().filter(({ entries }) => entries.length > 0);
  if (senders.length > 0 && work.store.room <= 0) {
    log("error", "hub_memory_full", {
      help: "too many messages are answered and cannot be marked read at Hub; nothing new is taken until some are",
    });
  }
  const places = Math.min(work.budget.left - MARKS_RESERVED, work.store.room);
  const shares = takeFairly(
    senders.map(({ entries }) => entries.length),
    places,
  );
  // All of them are over before the look is, whatever becomes of one.
  const results = await Promise.allSettled(
    senders.map((sender, index) =>
      handOverInOrder(sender, sender.entries.slice(0, shares[index] ?? 0), work),
    ),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** One sender's entries, one after the other; after a failure the rest waits, so that order holds. */
async function handOverInOrder(sender: Sender, entries: readonly Entry[], work: Look): Promise<void> {
  const { store, memory, clock, tally } = work;
  for (const entry of entries) {
    const outcome = await handOver(entry, sender, work);
    if (outcome !== "accepted") {
      const longest_ms = outcome === "full" ? LONGEST_FULL_PAUSE_MS : undefined;
      memory.pauses.fail(sender.name, clock.now(), longest_ms);
      return;
    }
    memory.pauses.end(sender.name);
    memory.served.set(sender.name, clock.now());
    tally.counts.accepted++;
    sender.waiting--;
    // What is kept is marked read already.
    if (!store.isKept(entry.id)) tally.settle(entry);
    store.settle(entry.id);
  }
}

async function handOver(entry: Entry, sender: Sender, work: Look): Promise<"accepted" | "full" | "failed"> {
  const { hub, budget, clock } = work;
  if (sender.standing === null || !budget.spend()) return "failed";
  const source = sourceOf(entry, sender.standing);
  try {
    const outcome = await work.handOver(messageOf(entry, source, hub.agent, clock.now()));
    if (outcome !== "full") return "accepted";
    work.tally.warn("hub_session_full", entry, {});
    return "full";
  } catch (error) {
    work.tally.warn("hub_hand_over_failed", entry, { detail: String(error) });
    return "failed";
  }
}

/**
 * How many places each of several queues gets, of so many in all: they take turns, so that a long one does not keep
 * the others waiting; who stands first is served first.
 */
export function takeFairly(lengths: readonly number[], places: number): number[] {
  const taken = lengths.map(() => 0);
  let left = places;
  for (let round = 1; left > 0 && lengths.some((length) => length >= round); round++) {
    for (const [index, length] of lengths.entries()) {
      if (left > 0 && length >= round) {
        taken[index] = round;
        left--;
      }
    }
  }
  return taken;
}
