import { log } from "../../lib/log.ts";
import { ok, type Result } from "../../lib/result.ts";
import type { InboundMessage } from "../../message/message.ts";
import { admit, classify } from "../../routing/source.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import type { HubClient, HubFailure } from "./api.ts";
import { ENTRIES_PER_LOOK } from "./limits.ts";
import { type Entry, isAgentName, isStale, messageOf, readEntries, sourceOf, takeFairly } from "./reader.ts";
import type { SeenEntries } from "./seen.ts";
import type { Standings } from "./standings.ts";

/** What a look works with. */
export interface LookTools {
  readonly hub: HubClient;
  readonly seen: Pick<SeenEntries, "has" | "add" | "keepOnly" | "isFirstLook" | "endFirstLook">;
  readonly standings: Standings;
  readonly routes: CompiledRoutes;
  /** Hands a message to its session; resolves once it is stored there, rejects when that is not certain. */
  readonly handOver: (message: InboundMessage) => Promise<unknown>;
}

/** What became of the entries of one look. */
export interface LookReport {
  readonly unread: number;
  readonly accepted: number;
  readonly refused: number;
  readonly uninteresting: number;
  /** Not marked, so that the next look takes them up again: Hub or a session failed. */
  readonly left: number;
  /** Entries beyond this look's share are waiting, and looking again will get on with them. */
  readonly more: boolean;
}

type Outcome = "accepted" | "refused" | "uninteresting" | "left";

/**
 * Reads the inbox once and deals with what is unread: messages go to their sessions, in order for each sender
 * and side by side for different ones; everything dealt with is marked read, by id and only afterwards.
 * Fails only if the inbox cannot be read.
 */
export async function look(tools: LookTools): Promise<Result<LookReport, HubFailure>> {
  const { hub, seen } = tools;
  const listing = await hub.unread();
  if (!listing.ok) return listing;
  const entries = await readEntries(listing.value, hub.agent);
  seen.keepOnly(new Set(entries.map((entry) => entry.id)));
  if (seen.isFirstLook()) passOver(entries, tools);

  const fresh = entries.filter((entry) => !seen.has(entry.id));
  const groups = takeFairly(fresh, ENTRIES_PER_LOOK);
  const outcomes = (await Promise.all(groups.map((group) => handOverInOrder(group, tools)))).flat();
  const dealtWith = groups.flat().filter((_, index) => outcomes[index] !== "left");
  const overdue = entries.filter((entry) => entry.markable && seen.has(entry.id));
  const room = ENTRIES_PER_LOOK - outcomes.length;
  const marked = await markAll([...dealtWith, ...overdue.slice(0, room)], tools);

  const count = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
  return ok({
    unread: entries.length,
    accepted: count("accepted"),
    refused: count("refused"),
    uninteresting: count("uninteresting"),
    left: count("left"),
    // Only after progress: a Hub or a session that keeps failing is left to the sweep.
    more: (fresh.length > outcomes.length && dealtWith.length > 0) || (overdue.length > room && marked),
  });
}

/** The gateway's very first look: what waited here before it existed is not answered. */
function passOver(entries: readonly Entry[], { seen }: LookTools): void {
  const now = Date.now();
  const backlog = entries.filter((entry) => isStale(entry, now));
  seen.endFirstLook(backlog.map((entry) => entry.id));
  log("info", "hub_first_look", { unread: entries.length, too_old: backlog.length });
}

/** One sender's entries, one after the other; after a failure the rest waits, so that order holds. */
async function handOverInOrder(group: readonly Entry[], tools: LookTools): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const entry of group) {
    outcomes.push(outcomes.at(-1) === "left" ? "left" : await deal(entry, tools));
  }
  return outcomes;
}

async function deal(entry: Entry, tools: LookTools): Promise<Outcome> {
  const { hub, standings, routes } = tools;
  const labels = { id: entry.id, from: isAgentName(entry.from) ? entry.from : "(not a name)" };
  if (entry.uninteresting !== null) {
    log("info", "hub_entry_ignored", { ...labels, reason: entry.uninteresting });
    return "uninteresting";
  }
  const standing = await standings.of(entry.from, hub);
  if (!standing.ok) {
    log("warn", "hub_sender_unknown", { ...labels, ...standing.error });
    return "left";
  }
  const source = sourceOf(entry, standing.value);
  const admission = admit(source, classify(source, routes), routes.access);
  if (!admission.ok) {
    log("info", "hub_entry_refused", { ...labels, reason: admission.reason, verified: source.verified });
    return "refused";
  }
  try {
    await tools.handOver(messageOf(entry, source, hub.agent, Date.now()));
    return "accepted";
  } catch (error) {
    log("error", "hub_hand_over_failed", { ...labels, detail: String(error) });
    return "left";
  }
}

/**
 * One after the other: Hub rewrites the whole inbox for each mark, so that two at once could undo each other.
 * After a failure (false) the rest is only remembered; a later look marks it.
 */
async function markAll(entries: readonly Entry[], { hub, seen }: LookTools): Promise<boolean> {
  let works = true;
  for (const entry of entries) {
    if (works && entry.markable) {
      const marked = await hub.markRead(entry.id);
      if (marked.ok) continue;
      works = false;
      log("warn", "hub_mark_failed", { id: entry.id, ...marked.error });
    }
    seen.add(entry.id);
  }
  return works;
}
