import { log } from "../../lib/log.ts";
import { Recent } from "../../lib/recent.ts";
import { type Entry, isAgentName } from "./entries.ts";
import { LINES_PER_LOOK, MAX_NOTED } from "./limits.ts";

/** Which entries were told of in the log: one that stays unread is not told of at every look. */
export type Noted = Recent<string, true>;
export const newNoted = (): Noted => new Recent(MAX_NOTED);

/** Ids kept for marking: more are marked all at once. */
const MARKABLE = 64;

/** Counts what becomes of the entries that Hub lists as unread. */
export class Tally {
  readonly #noted: Noted;
  #lines = 0;
  listed = 0;
  /** Nothing is left to do for these but to mark them read. */
  dealt = 0;
  /** Of these, the ones without an id: they cannot be marked one by one. */
  unmarkable = 0;
  /** Ids of the first of them. */
  readonly markable: string[] = [];
  readonly counts = { accepted: 0, refused: 0, ignored: 0, old: 0 };

  constructor(noted: Noted) {
    this.#noted = noted;
  }

  /** An entry that is listed is dealt with. */
  settle(entry: Entry): void {
    this.dealt++;
    if (!entry.markable) this.unmarkable++;
    else if (this.markable.length < MARKABLE) this.markable.push(entry.id);
  }

  /** An entry that starts no turn, in the log: once, and the first few of a look; the others are in its counts. */
  note(event: "hub_entry_ignored" | "hub_entry_refused", entry: Entry, reason: string): void {
    if (this.#noted.get(entry.id)) return;
    this.#noted.set(entry.id, true);
    this.counts[event === "hub_entry_ignored" ? "ignored" : "refused"]++;
    if (this.#lines++ < LINES_PER_LOOK) log("info", event, { ...labels(entry), reason });
  }

  /** Something that went wrong with a sender's entry, with the same measure. */
  warn(event: string, entry: Entry, fields: { readonly [name: string]: string | number | undefined }): void {
    if (this.#lines++ < LINES_PER_LOOK) log("warn", event, { ...labels(entry), ...fields });
  }
}

/** A free name is any text, which has no place in a log. */
const labels = ({ id, from }: Entry) => ({ id, from: isAgentName(from) ? from : "(not a name)" });
