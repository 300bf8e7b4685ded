import type { EndedObject } from "../runtime/machine.ts";
import type { SimulatedObject } from "../runtime/object.ts";
import type { Said } from "../world/traffic.ts";
import type { Evidence } from "./case.ts";
import { exchanges, isFreed, unfinished } from "./tables.ts";

const HOUR = 3_600_000;
/** After the last message of a session nothing can be under way for longer than this. */
const SETTLES_MS = 30 * HOUR;
/** For so long redeliveries are recognised, by exchanges that are kept for it; and a little more. */
const REMEMBER_MS = 50 * HOUR;
/** Exchanges that a turn may send along (600 tokens), and a few that are about to make room. */
const WINDOW = 40;
/** Alarms of one object in one hour in which nothing happens: none is needed, one may be left over. */
const MOST_IDLE_RINGS = 1;

/** The same for the reader of Hub's inbox, which looks again where Hub fails. */
const MOST_INBOX_RINGS = 40;

/** What must hold inside: nothing left over, nothing that goes on for ever. */
export function judgeInside(evidence: Evidence): string[] {
  if (evidence.rest === "too_many") return ["the gateway never comes to rest"];
  return evidence.gateway.objects().flatMap((object) => judgeObject(object, evidence));
}

/** What an object must not leave behind when it ends: work that nothing would wake it for. */
export function judgeEnd(object: EndedObject): string[] {
  if (object.isWatched) return [];
  return unfinished(object).map(({ delivery_id }) => `${object.name} ended with ${delivery_id} and no alarm`);
}

function judgeObject(object: SimulatedObject, evidence: Evidence): string[] {
  const { traffic, plan } = evidence;
  const objections: string[] = [];
  if (!object.idle) objections.push(`${object.name} still waits for something`);
  if (object.storage.alarm !== null) objections.push(`${object.name} is idle and has an alarm`);
  const concerns = ({ session, place }: Said) =>
    session === object.name || (place.platform === "hub" && object.name.startsWith("inbox:"));
  const said = traffic.said.filter(concerns).map(({ at }) => at);
  const storm = stormOf(object, said, evidence);
  if (storm !== null) objections.push(`${object.name} rang ${storm.count} times in an idle hour`);
  for (const { delivery_id, state } of unfinished(object)) {
    objections.push(`${object.name}: ${delivery_id} is still ${state}`);
  }
  const kept = exchanges(object);
  if (kept > busiest(said) + WINDOW) objections.push(`${object.name} keeps ${kept} exchanges`);
  const used = traffic.said.some(({ session }) => session === object.name);
  if (plan.grows_old && used && !isFreed(object)) objections.push(`${object.name} is not freed`);
  return objections;
}

/** The most that was said within the time for which delivery ids are remembered. */
function busiest(said: readonly number[]): number {
  return Math.max(
    0,
    ...said.map((from) => said.filter((at) => at >= from && at < from + REMEMBER_MS).length),
  );
}

/** The first hour in which its alarm rang too often, long after anything was said, and with nothing in hand. */
function stormOf(
  object: SimulatedObject,
  said: readonly number[],
  { traffic, end }: Evidence,
): { readonly count: number } | null {
  const { name } = object;
  const sent = [...traffic.sends, ...traffic.asks].filter(({ from }) => from === name);
  // An alarm that ended its object rings again.
  const works = [...sent.map(({ at }) => at), ...object.troubles];
  const busy = (at: number) =>
    (at < end + SETTLES_MS && said.some((time) => time <= at && at - time < SETTLES_MS)) ||
    works.some((time) => Math.abs(time - at) < HOUR);
  const idle = object.rings.filter((at) => !busy(at));
  const most = name.startsWith("inbox:") ? MOST_INBOX_RINGS : MOST_IDLE_RINGS;
  for (const [index, at] of idle.entries()) {
    let count = 0;
    while ((idle[index + count] ?? Number.POSITIVE_INFINITY) < at + HOUR) count++;
    if (count > most) return { count };
  }
  return null;
}
