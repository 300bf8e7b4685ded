import type { EndedObject } from "../runtime/machine.ts";
import type { SimulatedObject } from "../runtime/object.ts";

/** What a session keeps of its exchanges. */
export function exchanges({ storage }: SimulatedObject): number {
  if (!storage.has("exchanges")) return 0;
  return Number(storage.inspect("SELECT count(*) AS kept FROM exchanges")[0]?.kept);
}

/** Whether a session has left nothing behind. */
export const isFreed = ({ storage }: SimulatedObject): boolean =>
  !storage.has("exchanges") && !storage.has("meta");

/** What a session has in hand, as its tables say it (docs/storage.md). */
export function unfinished({ storage }: Pick<EndedObject, "storage">): Record<string, unknown>[] {
  if (!storage.has("exchanges")) return [];
  return storage.inspect("SELECT delivery_id, state FROM exchanges WHERE state <> 'done'");
}
